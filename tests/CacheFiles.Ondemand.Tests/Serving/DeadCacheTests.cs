using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A cache that the kernel gives up after an error of its file system, which it tells nobody.</summary>
public sealed class DeadCacheTests
{
    [Fact(Timeout = Bounded.Test)]
    public async Task Serving_ends_with_one_fault_and_the_remedy_and_the_next_daemon_serves()
    {
        var kernel = new SimulatedKernel();
        await using (Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 1 << 20)))
        {
            SimulatedMount mount = await kernel.Mount();
            await mount.Verify(0, 65_536);
            kernel.FailCache();
            await mount.FailsToRead(131_072, 4096);
            ErrnoException lost = await Assert.ThrowsAsync<ErrnoException>(() => Bounded.Of(daemon.Serving));
            Assert.Equal(Errno.EIO, lost.Errno);
            Assert.Contains("bind anew", lost.Message, StringComparison.Ordinal);
            Assert.Same(lost, Assert.Single(daemon.Faults, f => f.Source == FaultSource.Device).Exception);
            await mount.UnmountAsync(Bounded.Token);
        }
        await using Daemon next = Daemon.Start(kernel, new MemorySource("image", 1 << 20));
        await (await kernel.Mount()).Verify(0, 1 << 20);
        Assert.Empty(next.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Requests_end_with_it_too()
    {
        var kernel = new SimulatedKernel();
        await using OndemandCache cache = kernel.Bind(Daemon.Options);
        kernel.FailCache();
        ErrnoException lost = await Assert.ThrowsAsync<ErrnoException>(async () =>
        {
            await foreach (OndemandRequest request in cache.ReadRequestsAsync(Bounded.Token))
                request.Dispose();
        });
        Assert.Equal(Errno.EIO, lost.Errno);
    }
}
