using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>The anonymous fd of the simulated kernel: writing, seeking, closing it early.</summary>
public sealed class DescriptorTests
{
    private const int Length = 1 << 20;

    [Theory(Timeout = Bounded.Test)]
    [InlineData(SimulatedKernelVersion.Linux612, Errno.ENOBUFS)]
    [InlineData(SimulatedKernelVersion.Linux61, Errno.None)]
    public async Task A_write_inside_a_page_is_refused_or_goes_to_the_wrong_place(SimulatedKernelVersion version, Errno expected)
    {
        var kernel = new SimulatedKernel(new() { Version = version });
        using var daemon = new HandDaemon(kernel);
        var (mount, id) = await daemon.MountAsync(kernel, Length);
        Assert.Equal(expected, daemon.Write(id, 65_536 + 512, 4096));
        if (expected == Errno.None)
            Assert.Equal(Content.Of("image", 65_536 + 512, 4096), await mount.Read(65_536, 4096));
        else
            Assert.Equal([new ByteRange(0, 4096)], mount.GetCachedRanges("image"));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Length_and_memory_are_multiples_of_512()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        var (_, id) = await daemon.MountAsync(kernel, Length);
        Assert.Equal(Errno.EINVAL, daemon.Write(id, 65_536, 4095));
        Assert.Equal(Errno.None, daemon.Write(id, 65_536, 512));
        var buffer = GC.AllocateArray<byte>(2048, pinned: true);
        var aligned = Enumerable.Range(0, 512).Count(i => daemon.Files[id].WriteAt(buffer.AsSpan(i, 512), 65_536) == Errno.None);
        Assert.Equal(1, aligned);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Seeking_shows_what_is_cached()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        var (_, id) = await daemon.MountAsync(kernel, 1_000_000);
        daemon.Write(id, 65_536, 8192);
        daemon.Write(id, 999_424, 4096);
        var file = daemon.Files[id];
        Assert.Equal((0, 4096), (file.SeekData(0), file.SeekHole(0)));
        Assert.Equal((65_536, 4096), (file.SeekData(4096), file.SeekHole(4096)));
        Assert.Equal((70_000, 73_728), (file.SeekData(70_000), file.SeekHole(70_000)));
        Assert.Equal((999_424, 1_003_520), (file.SeekData(73_728), file.SeekHole(999_424)));
        Assert.Equal((-1, -1), (file.SeekData(1_003_520), file.SeekHole(1_003_520)));
        Assert.Equal(1_003_520, file.FileSize);
        daemon.Write(id, 2_000_000 / 4096 * 4096, 4096);
        Assert.True(file.FileSize > 1_999_999);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Before_the_OPEN_is_answered_there_is_no_file()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        Task<SimulatedMount> mounting = kernel.Mount();
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.Equal(Errno.ENOBUFS, daemon.Write(open.ObjectId, 0, 4096));
        Assert.Equal((-1, -1), (daemon.Files[open.ObjectId].FileSize, daemon.Files[open.ObjectId].SeekHole(0)));
        daemon.Device.CompleteOpen(open.MessageId, 0);
        await mounting;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_descriptor_that_is_closed_before_its_OPEN_is_answered_fails_the_mount()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        Task mounting = Kernels.Fails(Errno.ENOBUFS, () => kernel.Mount());
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Files[open.ObjectId].Dispose();
        Assert.Equal(Errno.None, daemon.Device.CompleteOpen(open.MessageId, 4096));
        await mounting;
        Assert.Equal(1, kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_of_a_closed_descriptor_brings_a_new_OPEN_and_then_comes_again()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        var (mount, id) = await daemon.MountAsync(kernel, Length);
        Task reader = mount.Verify(65_536, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        daemon.Files[id].Dispose();
        Assert.Equal((Errno.EBADF, Errno.EBADF), (daemon.Write(id, 65_536, 4096), daemon.Files[id].CompleteRead(read.MessageId)));
        // It was read, so it is not given out again before restore.
        Assert.Null(daemon.TryTake());
        daemon.Command("restore");
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.NotEqual(id, open.ObjectId);
        Assert.Null(daemon.TryTake());
        daemon.Device.CompleteOpen(open.MessageId, Length);
        HandMessage again = await daemon.TakeReadAsync();
        Assert.Equal((read.MessageId, read.Range, open.ObjectId), (again.MessageId, again.Range, again.ObjectId));
        daemon.Serve(again);
        await reader;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Restore_fails_an_OPEN_whose_descriptor_is_still_there()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        Task mounting = Kernels.Fails(Errno.ENOBUFS, () => kernel.Mount());
        await daemon.TakeOpenAsync();
        daemon.Command("restore");
        Assert.Equal(Errno.EEXIST, Assert.Throws<ErrnoException>(() => daemon.TryTake()).Errno);
        await mounting;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task The_device_is_busy_while_an_anonymous_fd_lives_and_what_was_cached_stays()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        var (mount, id) = await daemon.MountAsync(kernel, Length);
        daemon.Device.Dispose();
        await mount.FailsToRead(65_536, 4096);
        await mount.Verify(0, 4096);
        Assert.Equal(Errno.EBUSY, Assert.Throws<ErrnoException>(() => kernel.OpenDevice()).Errno);
        daemon.Files[id].Dispose();
        using var next = new HandDaemon(kernel);
        await mount.UnmountAsync(Bounded.Token);
        Task<SimulatedMount> mounting = kernel.Mount();
        HandMessage open = await next.TakeOpenAsync();
        next.Device.CompleteOpen(open.MessageId, Length);
        await (await mounting).Verify(0, 4096);
        Assert.Null(next.TryTake());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_blob_whose_length_has_changed_starts_with_an_empty_file()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        var (mount, _) = await daemon.MountAsync(kernel, Length);
        Task unmounted = mount.UnmountAsync(Bounded.Token);
        HandMessage close = await daemon.TakeCloseAsync();
        daemon.Files[close.ObjectId].Dispose();
        await unmounted;
        Task<SimulatedMount> mounting = kernel.Mount();
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.NotEqual(close.ObjectId, open.ObjectId);
        daemon.Device.CompleteOpen(open.MessageId, Length + 1);
        daemon.Serve(await daemon.TakeReadAsync());
        await mounting;
    }
}
