using System.Diagnostics;
using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Guest.Tests;

/// <summary>Descriptors of objects that are duplicated, moved, closed early, or used by somebody else.</summary>
public sealed class MisuseTests
{
    private const int Length = 1 << 20;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_descriptor_that_was_moved_is_as_good_and_only_the_last_one_that_is_closed_opens_the_object_anew(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        using (StrayDescriptor moved = StrayDescriptor.Of(daemon.Files[id]))
        {
            daemon.Files[id].Dispose();
            Task reader = mount.VerifyAsync(65_536, 4096);
            HandMessage read = await daemon.TakeReadAsync();
            Assert.Equal(id, read.ObjectId);
            PageBuffer buffer = new PageBufferPool().Rent(4096);
            image.Blobs[0].Fill(65_536, buffer.Memory.Span[..4096]);
            RandomAccess.Write(moved.File, [buffer.Memory[..512], buffer.Memory[512..4096]], 65_536);
            Assert.Equal(Errno.None, moved.CompleteRead(read.MessageId));
            Assert.Equal(Errno.EINVAL, moved.CompleteRead(read.MessageId));
            await Bounded.Of(reader);
        }
        Task second = mount.VerifyAsync(131_072, 4096);
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.NotEqual(id, open.ObjectId);
        daemon.Accept(open, image.Blobs[0]);
        daemon.Serve(await daemon.TakeReadAsync(), image.Blobs[0]);
        await Bounded.Of(second);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_copy_that_outlives_the_CLOSE_holds_the_next_mount_up_until_it_is_closed(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Task mounting;
        using (StrayDescriptor.Of(daemon.Files[id]))
        {
            await mount.UnmountAsync();
            await daemon.TakeCloseAsync();
            daemon.Files[id].Dispose();
            mounting = daemon.ServeUntilAsync(kernel.MountAsync(image), image);
            await Bounded.Until(() => kernel.HasFile(ContractKernel.KeyOf(image.Blobs[0])), "the file");
            Assert.False(mounting.IsCompleted);
        }
        await Bounded.Of(mounting);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task An_OPEN_that_is_answered_keeps_its_first_answer(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        Task<ContractMount> mounting = kernel.MountAsync(image);
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Accept(open, image.Blobs[0]);
        Assert.Equal(Errno.EINVAL, daemon.Device.CompleteOpen(open.MessageId, 4096));
        Assert.Equal(Errno.EINVAL, daemon.Device.CompleteOpen(open.MessageId, -(long)Errno.EIO));
        await daemon.ServeUntilAsync(mounting, image);
        Assert.Equal(Length, daemon.Files[open.ObjectId].FileSize);
        await daemon.ServeUntilAsync((await mounting).VerifyAsync(0, Length), image);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task What_a_descriptor_is_not_made_for_fails(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        using StrayDescriptor stray = StrayDescriptor.Of(daemon.Files[id]);
        Assert.Equal(
            "read EBADF, truncate EINVAL, ioctl EINVAL, FIONREAD EINVAL",
            $"read {StrayDescriptor.Try(() => RandomAccess.Read(stray.File, new byte[512], 0))}, "
            + $"truncate {StrayDescriptor.Try(() => RandomAccess.SetLength(stray.File, 0))}, "
            + $"ioctl {stray.Ioctl(CacheFilesUapi.CACHEFILES_IOC_READ_COMPLETE + 1, 0)}, "
            + $"FIONREAD {stray.Ioctl(0x541B, 0)}");
        Assert.Equal($"fsync {(int)Errno.EINVAL}, fallocate {(int)Errno.ENODEV}", await CallAsync(stray.Number));
        await daemon.ServeUntilAsync(mount.VerifyAsync(0, Length), image);
    }

    /// <summary>The READs are released before their bytes are there: readers see EIO, or ask again and get them.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Who_completes_READs_that_the_library_serves_gives_no_reader_a_wrong_byte(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        var gate = new Gate();
        source.Hold(gate);
        Task[] readers = [.. Enumerable.Range(1, 8).Select(i => IsReadOrRefusedAsync(mount, i * 65_536))];
        await Bounded.Until(() => source.Fetches.Count > readers.Length, "every reader waits");
        using (StrayDescriptor stray = StrayDescriptor.Of(RealKernel.Opened(kernel).Single()))
            Assert.InRange(Enumerable.Range(0, 100).Count(message => stray.CompleteRead((uint)message) == Errno.None), 1, 100);
        gate.Open();
        await Bounded.Of(Task.WhenAll(readers));
        await mount.VerifyAsync(0, Length);
        Assert.All(daemon.Faults, f => Assert.Equal(FaultSource.LateCompletion, f.Source));
        Assert.False(daemon.Serving.IsCompleted);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_descriptor_of_the_librarys_that_is_closed_under_it_costs_an_OPEN_and_no_reader_anything(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        for (var round = 1; round <= 3; round++)
        {
            foreach (IKernelObject opened in RealKernel.Opened(kernel))
                opened.Dispose();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(i => mount.VerifyAsync((round * 4 + i) * 65_536, 65_536)));
            Assert.Equal(1 + round, source.Opens.Count);
        }
        await mount.UnmountAsync();
        await kernel.GetsFileAsync(image.Blobs[0]);
        Assert.Empty(daemon.Faults);
    }

    /// <summary>Makes the calls that the runtime has no name for, or whose error it drops, in a program that inherits the descriptor.</summary>
    private static async Task<string> CallAsync(int descriptor)
    {
        const int Fsync = 74, Fallocate = 285;
        var calls = $$"""sub call { return syscall($_[0], {{descriptor}}, 0, 0, 4096) ? $!+0 : 0 } print "fsync ", call({{Fsync}}), ", fallocate ", call({{Fallocate}})""";
        using var perl = Process.Start(new ProcessStartInfo("perl", ["-e", calls]) { RedirectStandardOutput = true })!;
        return await Bounded.Of(perl.StandardOutput.ReadToEndAsync(Bounded.Token));
    }

    private static async Task IsReadOrRefusedAsync(ContractMount mount, long offset)
    {
        try
        {
            await mount.VerifyAsync(offset, 4096);
        }
        catch (ErrnoException e)
        {
            Assert.Equal(Errno.EIO, e.Errno);
        }
    }
}
