using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A successor gets what its predecessor left unanswered.</summary>
public sealed class HandOverTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task Readers_only_wait_while_the_device_is_kept_for_a_successor()
    {
        var stuck = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, ct) };
        Daemon first = Daemon.Start(_kernel, stuck, Daemon.Options with { DrainTimeout = TimeSpan.Zero });
        SimulatedMount mount = await _kernel.Mount();
        Task[] readers = [.. Enumerable.Range(1, 8).Select(i => mount.Verify(65_536 * i, 65_536))];
        await _kernel.HasTaken(reads: 9);
        _kernel.KillDaemon(keepDevice: true);
        await first.DisposeAsync();
        await Task.Yield();
        Assert.DoesNotContain(readers, r => r.IsCompleted);
        await using (Daemon second = Daemon.Restore(_kernel, new MemorySource("image", 1 << 20)))
        {
            await Task.WhenAll(readers);
            await mount.Verify(0, 1 << 20);
            Assert.Empty(second.Faults);
            await mount.UnmountAsync(Bounded.Token);
        }
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_mount_that_waits_for_its_OPEN_is_served_by_the_successor()
    {
        var gate = new Gate();
        var fetcher = new Fetcher(async (_, ct) => { await gate.Pass(ct); return 4096; }, (_, _, _) => default);
        Daemon first = Daemon.Start(_kernel, fetcher, Daemon.Options with { DrainTimeout = TimeSpan.Zero });
        Task<SimulatedMount> mounting = _kernel.Mount();
        await gate.Reached;
        _kernel.KillDaemon(keepDevice: true);
        await first.DisposeAsync();
        await using Daemon second = Daemon.Restore(_kernel, new MemorySource("image", 1 << 20));
        await (await mounting).Verify(0, 1 << 20);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_reader_of_an_object_that_the_successor_does_not_have_gets_EIO()
    {
        Daemon first = Daemon.Start(_kernel, new MemorySource("image", 1 << 20), Daemon.Options with { DrainTimeout = TimeSpan.Zero });
        SimulatedMount mount = await _kernel.Mount();
        _kernel.KillDaemon(keepDevice: true);
        await first.DisposeAsync();
        await using Daemon second = Daemon.Restore(_kernel, new MemorySource());
        await mount.FailsToRead(65_536, 4096);
        await mount.Verify(0, 4096);
    }
}
