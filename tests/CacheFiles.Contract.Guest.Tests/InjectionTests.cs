using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract.Guest.Tests;

/// <summary>The kernel's own error injection: 1 fails what is written to the cache's file system with ENOSPC, 2 fails every access to it with EIO.</summary>
public sealed class InjectionTests
{
    private const int Length = 1 << 20;
    private static readonly Errno[] s_refused = [Errno.EIO, Errno.ENOBUFS];

    [Theory(Timeout = Bounded.Test)]
    [Kernels(1)]
    [Kernels(2)]
    [Kernels(3)]
    [Kernels(4)]
    public async Task Readers_get_the_right_bytes_or_EIO_and_all_bytes_when_it_is_over(string machine, int errors)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image));
        ContractMount mount = await kernel.MountAsync(image);
        await mount.VerifyAsync(65_536, 65_536);
        bool[] answers;
        using (Inject(errors))
            answers = await Bounded.Of(Task.WhenAll(Enumerable.Range(0, 12).Select(i => IsReadAsync(mount, 32_768 + i * 65_536))));
        // Only the first two were in the cache; 4 is no kind of error.
        Assert.Equal(errors == 4, answers[2..].All(read => read));
        Assert.Equal(errors != 4, answers[2..].All(read => !read));
        await mount.VerifyAsync(0, Length);
        Assert.All(daemon.Faults, f => Assert.Equal((FaultSource.Write, Errno.ENOSPC), (f.Source, Assert.IsType<ErrnoException>(f.Exception).Errno)));
        Assert.Equal(errors == 1, !daemon.Faults.IsEmpty);
        Assert.False(daemon.Serving.IsCompleted);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_write_that_fails_gives_its_reader_EIO_and_is_one_fault(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        var gate = new Gate();
        source.Hold(gate);
        Task reader = mount.FailsToReadAsync(65_536, 65_536);
        await gate.Reached;
        using (Inject(2))
        {
            gate.Open();
            await Bounded.Of(reader);
        }
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Write, Errno.EIO), (fault.Source, Assert.IsType<ErrnoException>(fault.Exception).Errno));
        await mount.VerifyAsync(0, Length);
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels(1)]
    [Kernels(2)]
    public async Task A_mount_fails_and_when_it_is_over_it_succeeds(string machine, int errors)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image));
        using (Inject(errors))
            await kernel.RefusesToMountAsync(image);
        await (await kernel.MountAsync(image)).VerifyAsync(0, Length);
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_bind_fails_and_when_it_is_over_it_succeeds(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        using (Inject(2))
            Assert.Equal(Errno.EIO, Assert.Throws<ErrnoException>(() => EngineDaemon.Start(kernel, new BlobSource(image))).Errno);
        kernel.Kill();
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image));
        await (await kernel.MountAsync(image)).VerifyAsync(0, Length);
    }

    /// <summary>Behind a CLOSE the kernel writes the object's attributes, and takes any error of that for the end of the whole cache. So it does with
    /// an EIO of looking an object up. It tells nobody.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels(1, false)]
    [Kernels(2, false)]
    [Kernels(2, true)]
    public async Task A_cache_that_the_kernel_gives_up_ends_the_daemon_with_one_fault_and_the_next_one_serves(string machine, int errors, bool byMount)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image[] images = [ContractKernel.NewImage(Length), ContractKernel.NewImage(Length)];
        var source = new BlobSource(images);
        ContractMount mount;
        await using (EngineDaemon daemon = EngineDaemon.Start(kernel, source))
        {
            mount = await kernel.MountAsync(images[0]);
            await mount.VerifyAsync(0, 131_072);
            using (Inject(errors))
            {
                if (byMount)
                    await kernel.RefusesToMountAsync(images[1]);
                else
                    await mount.UnmountAsync();
                ErrnoException lost = await Assert.ThrowsAsync<ErrnoException>(() => Bounded.Of(daemon.Serving));
                Assert.Equal(Errno.EIO, lost.Errno);
                Assert.Contains("bind anew", lost.Message, StringComparison.Ordinal);
            }
            Assert.Equal(FaultSource.Device, Assert.Single(daemon.Faults).Source);
        }
        await using EngineDaemon next = EngineDaemon.Start(kernel, source);
        if (byMount)
            await mount.UnmountAsync();
        if (errors == 1)
        {
            // A file without attributes is neither taken nor replaced.
            await kernel.RefusesToMountAsync(images[0]);
            Assert.Equal(CullResult.Culled, await next.Cache.CullAsync(ContractKernel.KeyOf(images[0].Blobs[0])));
        }
        foreach (Image image in images)
            await (await kernel.MountAsync(image)).VerifyAsync(0, Length);
        Assert.Empty(next.Faults);
    }

    /// <summary>Reads; false where it is refused.</summary>
    private static async Task<bool> IsReadAsync(ContractMount mount, long offset)
    {
        try
        {
            await mount.VerifyAsync(offset, 65_536);
            return true;
        }
        catch (ErrnoException e)
        {
            Assert.Contains(e.Errno, s_refused);
            return false;
        }
    }

    private static Injection Inject(int errors) => new(errors);

    private sealed class Injection : IDisposable
    {
        private const string Switch = "/proc/sys/cachefiles/error_injection";

        internal Injection(int errors) => File.WriteAllText(Switch, $"{errors}");

        public void Dispose() => File.WriteAllText(Switch, "0");
    }
}
