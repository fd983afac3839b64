using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>The simulated kernel's requests: what a daemon reads, and in which order.</summary>
public sealed class RequestTests
{
    private const int Length = 1 << 20;
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_buffer_that_is_too_small_leaves_the_request_queued()
    {
        using var daemon = new HandDaemon(_kernel);
        Task<SimulatedMount> mounting = _kernel.Mount();
        await Bounded.Until(() => _kernel.UnreadRequests == 1, "an OPEN");
        Assert.Equal(Errno.EMSGSIZE, daemon.Device.TryRead(new byte[48], out _, out IKernelObject? opened));
        Assert.Null(opened);
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Device.CompleteOpen(open.MessageId, 0);
        await mounting;
        Assert.Null(daemon.TryTake());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task READ_is_sent_for_holes_only_and_shortened_to_the_hole()
    {
        using var daemon = new HandDaemon(_kernel);
        var (mount, id) = await daemon.MountAsync(_kernel, Length);
        daemon.Write(id, 81_920, 4096);
        daemon.Write(id, 94_208, 4096);
        Task reader = mount.Verify(77_824, 20_480);
        foreach (var expected in (ByteRange[])[new(77_824, 4096), new(86_016, 8192)])
        {
            HandMessage read = await daemon.TakeReadAsync();
            Assert.Equal(expected, read.Range);
            daemon.Serve(read);
        }
        await reader;
        await mount.Verify(77_824, 20_480);
        Assert.Null(daemon.TryTake());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_sequential_reader_is_read_ahead_of_in_growing_windows()
    {
        using var daemon = new HandDaemon(_kernel);
        var (mount, _) = await daemon.MountAsync(_kernel, Length, "other");
        SimulatedReader reader = mount.OpenReader("other");
        reader.Position = 4096;
        var sizes = new List<long>();
        var buffer = new byte[4096];
        while (reader.Position < Length)
        {
            Task<int> reading = reader.ReadAsync(buffer, Bounded.Token).AsTask();
            while (!reading.IsCompleted)
            {
                if (daemon.TryTake() is not { } read)
                {
                    await Task.Yield();
                    continue;
                }
                sizes.Add(read.Range.Length >> 10);
                daemon.Serve(read, "other");
            }
            Assert.Equal(4096, await reading);
            Assert.Equal(Content.Of("other", reader.Position - 4096, 4096), buffer);
        }
        Assert.Equal(0, await reader.ReadAsync(buffer, Bounded.Token));
        Assert.Equal([4, 16, 32, 64, 128, 128, 128, 128, 128, 128, 128, 8], sizes);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_that_is_completed_without_data_is_asked_for_once_more_alone_and_then_is_EIO()
    {
        using var daemon = new HandDaemon(_kernel);
        var (mount, id) = await daemon.MountAsync(_kernel, Length);
        Task reader = mount.FailsToRead(65_536, 65_536);
        foreach (var expected in (ByteRange[])[new(65_536, 65_536), new(65_536, 4096)])
        {
            HandMessage read = await daemon.TakeReadAsync();
            Assert.Equal(expected, read.Range);
            Assert.Equal(Errno.None, daemon.Files[id].CompleteRead(read.MessageId));
            Assert.Equal(Errno.EINVAL, daemon.Files[id].CompleteRead(read.MessageId));
        }
        await reader;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_first_page_that_does_not_come_fails_the_mount()
    {
        using var daemon = new HandDaemon(_kernel);
        Task mounting = Kernels.Fails(Errno.EIO, () => _kernel.Mount());
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Device.CompleteOpen(open.MessageId, Length);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(new ByteRange(0, 4096), read.Range);
        daemon.Files[open.ObjectId].CompleteRead(read.MessageId);
        await mounting;
        await daemon.TakeCloseAsync();
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_completion_counts_only_on_a_descriptor_of_the_same_object()
    {
        using var daemon = new HandDaemon(_kernel);
        var (mount, id) = await daemon.MountAsync(_kernel, Length);
        Task<SimulatedMount> mounting = _kernel.Mount("second");
        HandMessage second = await daemon.TakeOpenAsync();
        daemon.Device.CompleteOpen(second.MessageId, 0);
        await mounting;
        Task reader = mount.Verify(65_536, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(Errno.EINVAL, daemon.Files[second.ObjectId].CompleteRead(read.MessageId));
        Assert.Equal(Errno.EINVAL, daemon.Files[id].CompleteRead(read.MessageId + 1));
        Assert.Equal(Errno.EINVAL, daemon.Device.CompleteOpen(read.MessageId, 4096));
        daemon.Serve(read);
        await reader;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Message_ids_go_round_and_pass_over_those_in_use()
    {
        using var daemon = new HandDaemon(_kernel);
        daemon.Device.Cache.Requests.NextId = uint.MaxValue - 1;
        var (mount, _) = await daemon.MountAsync(_kernel, Length);
        Task first = mount.Verify(65_536, 4096);
        HandMessage kept = await daemon.TakeReadAsync();
        Assert.Equal(0u, kept.MessageId);
        daemon.Device.Cache.Requests.NextId = uint.MaxValue;
        Assert.Equal(uint.MaxValue, await ServeOne(131_072));
        Assert.Equal(1u, await ServeOne(196_608));
        daemon.Serve(kept);
        await first;

        async Task<uint> ServeOne(long offset)
        {
            Task reader = mount.Verify(offset, 4096);
            HandMessage read = await daemon.TakeReadAsync();
            daemon.Serve(read);
            await reader;
            return read.MessageId;
        }
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Requests_are_handed_out_in_a_circle_and_restore_makes_all_of_them_new()
    {
        using var daemon = new HandDaemon(_kernel);
        var (mount, _) = await daemon.MountAsync(_kernel, Length);
        Task[] readers = [.. Enumerable.Range(0, 4).Select(i => mount.Verify(65_536 + i * 4096, 4096))];
        await Bounded.Until(() => _kernel.UnreadRequests == 4, "four READs");
        List<HandMessage> before = [daemon.TryTake()!, daemon.TryTake()!, daemon.TryTake()!];
        daemon.Command("restore");
        List<HandMessage> after = [daemon.TryTake()!, daemon.TryTake()!, daemon.TryTake()!, daemon.TryTake()!];
        Assert.Null(daemon.TryTake());
        Assert.Equal(before, after[1..]);
        Assert.True(after[0].MessageId > before[2].MessageId);
        after.ForEach(r => daemon.Serve(r));
        await Task.WhenAll(readers);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_killed_reader_takes_its_READ_along()
    {
        using var daemon = new HandDaemon(_kernel);
        var (mount, id) = await daemon.MountAsync(_kernel, Length);
        using var kill = new CancellationTokenSource();
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 4096, kill.Token);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(Errno.EBUSY, (await Assert.ThrowsAsync<ErrnoException>(() => mount.UnmountAsync(Bounded.Token))).Errno);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        Assert.Equal(Errno.EINVAL, daemon.Files[id].CompleteRead(read.MessageId));
        Task unmounted = mount.UnmountAsync(Bounded.Token);
        HandMessage close = await daemon.TakeCloseAsync();
        Assert.Equal(id, close.ObjectId);
        await unmounted;
    }
}
