using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract;

/// <summary>The anonymous fd of an object: writing, seeking, and closing it early.</summary>
public sealed class DescriptorTests
{
    private const int Length = 1 << 20;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_write_inside_a_page_is_refused_by_612_and_goes_to_the_wrong_place_on_61(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Assert.Equal(kernel.IsLinux61 ? Errno.None : Errno.ENOBUFS, WriteRaw(kernel, daemon.Files[id], image.Blobs[0], 65_536 + 512, 4096));
        if (kernel.IsLinux61)
            Assert.Equal(image.Blobs[0].Bytes(65_536 + 512, 4096), await mount.ReadAsync(65_536, 4096));
        else
            Assert.Equal(-1, daemon.Files[id].SeekData(4096));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Length_and_memory_of_a_write_are_multiples_of_512(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (_, var id) = await daemon.MountAsync(image);
        Assert.Equal(Errno.EINVAL, WriteRaw(kernel, daemon.Files[id], image.Blobs[0], 65_536, 4095));
        Assert.Equal(Errno.EINVAL, WriteRaw(kernel, daemon.Files[id], image.Blobs[0], 65_536, 100));
        Assert.Equal(Errno.None, WriteRaw(kernel, daemon.Files[id], image.Blobs[0], 65_536, 512));
        var buffer = GC.AllocateArray<byte>(2048, pinned: true);
        var aligned = Enumerable.Range(0, 512 / 64).Count(i => kernel.WriteRaw(daemon.Files[id], buffer.AsSpan(i * 64, 512), 65_536) == Errno.None);
        Assert.InRange(aligned, 0, 1);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 10", "erofs-utils 010")]
    public async Task Seeking_shows_the_size_and_what_is_cached(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(1_000_000);
        (_, var id) = await daemon.MountAsync(image);
        daemon.Write(id, 65_536, 8192, image.Blobs[0]);
        daemon.Write(id, 999_424, 4096, image.Blobs[0]);
        IKernelObject file = daemon.Files[id];
        Assert.Equal((0, 4096), (file.SeekData(0), file.SeekHole(0)));
        Assert.Equal((65_536, 4096), (file.SeekData(4096), file.SeekHole(4096)));
        Assert.Equal((70_000, 73_728), (file.SeekData(70_000), file.SeekHole(70_000)));
        Assert.Equal((999_424, 1_003_520), (file.SeekData(73_728), file.SeekHole(999_424)));
        Assert.Equal((-1, -1), (file.SeekData(1_003_520), file.SeekHole(1_003_520)));
        Assert.Equal(1_003_520, file.FileSize);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_write_behind_the_end_is_taken_and_the_file_grows(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        (_, var id) = await daemon.MountAsync(image);
        Assert.Equal(8192, daemon.Files[id].FileSize);
        Assert.Equal(Errno.None, daemon.Write(id, 65_536, 4096, image.Blobs[0]));
        Assert.Equal(69_632, daemon.Files[id].FileSize);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_new_daemon_sees_what_the_last_one_has_cached(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        using (HandDaemon daemon = HandDaemon.Bind(kernel))
        {
            (ContractMount mount, var id) = await daemon.MountAsync(image);
            daemon.Write(id, 65_536, 65_536, image.Blobs[0]);
            await mount.UnmountAsync();
            await daemon.TakeCloseAsync();
        }
        using HandDaemon next = HandDaemon.Bind(kernel);
        Task<ContractMount> mounting = kernel.MountAsync(image);
        HandMessage open = await next.TakeOpenAsync();
        next.Accept(open, image.Blobs[0]);
        await (await Bounded.Of(mounting)).VerifyAsync(65_536, 65_536);
        IKernelObject file = next.Files[open.ObjectId];
        Assert.Equal((0, 4096), (file.SeekData(0), file.SeekHole(0)));
        Assert.Equal((65_536, 131_072, -1), (file.SeekData(4096), file.SeekHole(65_536), file.SeekData(131_072)));
        Assert.Null(next.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_blob_that_is_opened_with_another_length_begins_with_an_empty_file(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, _) = await daemon.MountAsync(image);
        await mount.UnmountAsync();
        HandMessage close = await daemon.TakeCloseAsync();
        daemon.Files[close.ObjectId].Dispose();
        Task<ContractMount> mounting = kernel.MountAsync(image);
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.NotEqual(close.ObjectId, open.ObjectId);
        Assert.Equal(Errno.None, daemon.Device.CompleteOpen(open.MessageId, Length + 4096));
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal(new ByteRange(0, 4096), read.Range);
        daemon.Serve(read, image.Blobs[0]);
        await Bounded.Of(mounting);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 06", "erofs-utils 006")]
    public async Task A_READ_that_finds_its_descriptor_closed_brings_a_new_OPEN_first(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        daemon.Files[id].Dispose();
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.NotEqual(id, open.ObjectId);
        Assert.Equal(image.Name, open.Key!.CookieText);
        // The object has its file already.
        Assert.Equal(Length, daemon.Files[open.ObjectId].FileSize);
        Assert.Null(daemon.TryTake());
        daemon.Accept(open, image.Blobs[0]);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Equal((new ByteRange(65_536, 4096), open.ObjectId), (read.Range, read.ObjectId));
        daemon.Serve(read, image.Blobs[0]);
        await Bounded.Of(reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_READ_that_was_taken_before_its_descriptor_was_closed_comes_again_after_restore_only(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        daemon.Files[id].Dispose();
        Assert.Equal((Errno.EBADF, Errno.EBADF), (daemon.Write(id, 65_536, 4096, image.Blobs[0]), daemon.Files[id].CompleteRead(read.MessageId)));
        Assert.Null(daemon.TryTake());
        Assert.Equal(Errno.None, daemon.Command("restore"));
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Accept(open, image.Blobs[0]);
        HandMessage again = await daemon.TakeReadAsync();
        Assert.Equal(read with { ObjectId = open.ObjectId }, again);
        daemon.Serve(again, image.Blobs[0]);
        await Bounded.Of(reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_reopening_that_is_refused_is_asked_for_again(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        daemon.Files[id].Dispose();
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Files[open.ObjectId].Dispose();
        Assert.Equal(Errno.None, daemon.Device.CompleteOpen(open.MessageId, -(long)Errno.ENOENT));
        // The READ still waits: it brings another OPEN.
        await daemon.ServeUntilAsync(reader, image);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task An_OPEN_whose_descriptor_is_still_there_fails_at_restore(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        Task refused = kernel.RefusesToMountAsync(image);
        await daemon.TakeOpenAsync();
        Assert.Equal(Errno.None, daemon.Command("restore"));
        Assert.Equal(Errno.EEXIST, Assert.Throws<ErrnoException>(() => daemon.TryTake()).Errno);
        await Bounded.Of(refused);
    }

    private static Errno WriteRaw(ContractKernel kernel, IKernelObject file, Blob blob, long offset, int length)
    {
        PageBuffer buffer = new PageBufferPool().Rent(length);
        blob.Fill(offset, buffer.Memory.Span[..length]);
        return kernel.WriteRaw(file, buffer.Memory.Span[..length], offset);
    }
}
