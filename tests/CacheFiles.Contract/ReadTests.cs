using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract;

/// <summary>READ, by hand: what the kernel asks for, and what each answer does to the reader that waits.</summary>
public sealed class ReadTests
{
    private const int Length = 1 << 20;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_READ_is_for_a_hole_only(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Assert.Equal(Errno.None, daemon.Write(id, 81_920, 4096, image.Blobs[0]));
        Assert.Equal(Errno.None, daemon.Write(id, 94_208, 4096, image.Blobs[0]));
        Task reader = mount.VerifyAsync(77_824, 20_480);
        foreach (ByteRange expected in (ByteRange[])[new(77_824, 4096), new(86_016, 8192)])
        {
            HandMessage read = await daemon.TakeReadAsync();
            Assert.Equal(expected, read.Range);
            daemon.Serve(read, image.Blobs[0]);
        }
        await Bounded.Of(reader);
        Assert.Null(daemon.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task What_is_written_before_it_is_asked_for_never_becomes_a_READ(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Assert.Equal(Errno.None, daemon.Write(id, 0, Length, image.Blobs[0]));
        await mount.VerifyAsync(0, Length);
        Assert.Null(daemon.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 07", "erofs-utils 007")]
    public async Task A_READ_that_is_completed_without_data_is_EIO_and_its_page_is_asked_for_once_more_before(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Task reader = mount.FailsToReadAsync(65_536, 65_536);
        foreach (ByteRange expected in (ByteRange[])[new(65_536, 65_536), new(65_536, 4096)])
        {
            HandMessage read = await daemon.TakeReadAsync();
            Assert.Equal(expected, read.Range);
            Assert.Equal(Errno.None, daemon.Files[id].CompleteRead(read.MessageId));
            Assert.Equal(Errno.EINVAL, daemon.Files[id].CompleteRead(read.MessageId));
        }
        await Bounded.Of(reader);
        Assert.Null(daemon.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 07", "erofs-utils 007")]
    public async Task A_superblock_that_does_not_come_fails_the_mount(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        Task failing = kernel.RefusesToMountAsync(image);
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Accept(open, image.Blobs[0]);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(new ByteRange(0, 4096), read.Range);
        Assert.Equal(Errno.None, daemon.Files[open.ObjectId].CompleteRead(read.MessageId));
        await Bounded.Of(failing);
        Assert.Equal(open.ObjectId, (await daemon.TakeCloseAsync()).ObjectId);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_completion_counts_only_on_a_descriptor_of_its_own_object(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image[] images = [ContractKernel.NewImage(Length), ContractKernel.NewImage(Length)];
        (ContractMount mount, var id) = await daemon.MountAsync(images[0]);
        (_, var other) = await daemon.MountAsync(images[1]);
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(Errno.EINVAL, daemon.Files[other].CompleteRead(read.MessageId));
        Assert.Equal(Errno.EINVAL, daemon.Files[id].CompleteRead(read.MessageId + 1));
        daemon.Serve(read, images[0].Blobs[0]);
        await Bounded.Of(reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_reader_that_is_killed_takes_its_READ_along(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        using var kill = new CancellationTokenSource();
        Task reader = mount.ReadUntilKilledAsync(65_536, 4096, kill.Token);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(new ByteRange(65_536, 4096), read.Range);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Bounded.Of(reader));
        Assert.Equal(Errno.EINVAL, daemon.Files[id].CompleteRead(read.MessageId));
        await mount.UnmountAsync();
        Assert.Equal(id, (await daemon.TakeCloseAsync()).ObjectId);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Readers_of_overlapping_ranges_get_their_bytes_whoever_is_answered_first(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Task first = mount.VerifyAsync(65_536, 16_384);
        HandMessage asked = await daemon.TakeReadAsync();
        Task second = mount.VerifyAsync(69_632, 32_768);
        // Pages that the first reader has locked are waited for, on a kernel with a page cache; the rest may be asked for meanwhile.
        Assert.Equal(Errno.None, daemon.Write(id, asked.Range.Offset, (int)asked.Range.Length, image.Blobs[0]));
        Assert.Equal(Errno.None, daemon.Files[id].CompleteRead(asked.MessageId));
        await daemon.ServeUntilAsync(Task.WhenAll(first, second), image);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_READ_may_be_answered_by_several_writes_and_with_more_than_it_asked_for(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Task reader = mount.VerifyAsync(65_536, 16_384);
        HandMessage read = await daemon.TakeReadAsync();
        for (var offset = 65_536; offset < 131_072; offset += 8192)
            Assert.Equal(Errno.None, daemon.Write(id, offset, 8192, image.Blobs[0]));
        Assert.Equal(Errno.None, daemon.Files[id].CompleteRead(read.MessageId));
        await Bounded.Of(reader);
        await mount.VerifyAsync(65_536, 65_536);
        Assert.Null(daemon.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_sequential_reader_is_read_ahead_of_in_windows_that_double_up_to_128_KiB(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        const int Length = 640 << 10;
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, _) = await daemon.MountAsync(image);
        var reads = new List<ByteRange>();
        using ContractReader reader = mount.OpenReader();
        var buffer = new byte[4096];
        for (long position = 0; position < Length; position += 4096)
        {
            Task<int> reading = reader.ReadAsync(buffer);
            while (!reading.IsCompleted)
            {
                if (daemon.TryTake() is not { } read)
                {
                    await Task.Yield();
                    continue;
                }
                reads.Add(read.Range);
                daemon.Serve(read, image.Blobs[0]);
            }
            Assert.Equal(4096, await reading);
            Assert.Equal(image.Blobs[0].Bytes(position, 4096), buffer);
        }
        Assert.Equal(0, await reader.ReadAsync(buffer));
        // The mount has brought the first page.
        Assert.Equal([12, 32, 64, 128, 128, 128, 128, 16], reads.Select(r => r.Length >> 10));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Requests_come_in_the_order_of_their_ids_and_restore_brings_those_unanswered_once_more(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, _) = await daemon.MountAsync(image);
        Task readers = Task.WhenAll(Enumerable.Range(0, 3).Select(i => mount.VerifyAsync(65_536 + i * 8192, 4096)));
        List<HandMessage> before = [await daemon.TakeReadAsync(), await daemon.TakeReadAsync(), await daemon.TakeReadAsync()];
        Assert.Null(daemon.TryTake());
        Assert.Equal(Errno.None, daemon.Command("restore"));
        List<HandMessage> after = [await daemon.TakeReadAsync(), await daemon.TakeReadAsync(), await daemon.TakeReadAsync()];
        Assert.Null(daemon.TryTake());
        Assert.Equal(before.OrderBy(r => r.MessageId), after.OrderBy(r => r.MessageId));
        after.ForEach(r => daemon.Serve(r, image.Blobs[0]));
        await Bounded.Of(readers);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_buffer_that_is_too_short_leaves_the_request_where_it_is(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        Assert.Equal(Errno.None, daemon.Device.TryRead(new byte[16], out var length, out IKernelObject? opened));
        Assert.Equal((0, null), (length, opened));
        Task<ContractMount> mounting = kernel.MountAsync(image);
        await Bounded.Until(() => daemon.Device.TryRead(new byte[48], out _, out opened) == Errno.EMSGSIZE, "an OPEN");
        Assert.Null(opened);
        await daemon.ServeUntilAsync(mounting, image);
        await (await mounting).VerifyAsync(0, 4096);
    }
}
