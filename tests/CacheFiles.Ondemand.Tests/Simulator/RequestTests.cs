using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>The simulated kernel's requests: what a daemon reads, and in which order.</summary>
public sealed class RequestTests
{
    private const int Length = 1 << 20;
    private readonly SimulatedKernel _kernel = new();

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
