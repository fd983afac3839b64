using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A stop ends in time and leaves nobody behind: what is being served is finished or refused.</summary>
public sealed class StopTests
{
    private static readonly OndemandOptions s_impatient = Daemon.Options with { DrainTimeout = TimeSpan.FromMilliseconds(100) };
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_that_is_being_served_is_finished()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : gate.Pass(ct) };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        Task reader = mount.Verify(65_536, 65_536);
        await gate.Reached;
        daemon.Stop();
        Assert.False(daemon.Serving.IsCompleted);
        gate.Open();
        await reader;
        await Bounded.Of(daemon.Serving);
        Assert.Equal(0, _kernel.OpenDescriptors);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_that_is_not_served_in_the_drain_time_gives_EIO()
    {
        var cancelled = new TaskCompletionSource();
        var source = new MemorySource("image", 1 << 20)
        {
            Before = async (range, ct) =>
            {
                if (range.Offset == 0)
                    return;
                ct.Register(() => cancelled.TrySetResult());
                await new TaskCompletionSource().Task;
            },
        };
        await using Daemon daemon = Daemon.Start(_kernel, source, s_impatient);
        SimulatedMount mount = await _kernel.Mount();
        Task reader = mount.FailsToRead(65_536, 65_536);
        await _kernel.HasTaken(reads: 2);
        daemon.Stop();
        await Bounded.Of(daemon.Serving);
        await reader;
        await Bounded.Of(cancelled.Task);
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fetcher_that_blocks_its_thread_does_not_hold_up_the_stop()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20)
        {
            Before = (range, _) =>
            {
                if (range.Offset != 0)
                    gate.Block();
                return Task.CompletedTask;
            },
        };
        await using Daemon daemon = Daemon.Start(_kernel, source, s_impatient);
        SimulatedMount mount = await _kernel.Mount();
        Task[] readers = [.. Enumerable.Range(1, 8).Select(i => mount.FailsToRead(65_536 * i, 4096))];
        await _kernel.HasTaken(reads: 9);
        daemon.Stop();
        await Bounded.Of(daemon.Serving);
        await Task.WhenAll(readers);
        Assert.Equal(0, _kernel.OpenDescriptors);
        gate.Open();
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_mount_whose_length_does_not_come_in_the_drain_time_is_refused()
    {
        var gate = new Gate();
        var fetcher = new Fetcher(async (_, _) => { await gate.Hold(); return 4096; }, (_, _, _) => default);
        await using Daemon daemon = Daemon.Start(_kernel, fetcher, s_impatient);
        Task mounting = Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
        await gate.Reached;
        daemon.Stop();
        await Bounded.Of(daemon.Serving);
        await mounting;
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fetcher_that_blocks_when_it_is_cancelled_does_not_hold_up_the_stop()
    {
        var release = new ManualResetEventSlim();
        var gate = new Gate();
        var fetcher = new Fetcher(
            async (_, ct) => { ct.Register(() => release.Wait()); await gate.Hold(); return 4096; },
            (_, _, _) => default);
        await using (Daemon daemon = Daemon.Start(_kernel, fetcher, s_impatient))
        {
            Task mounting = Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
            await gate.Reached;
            daemon.Stop();
            await Bounded.Of(daemon.Serving);
            await mounting;
        }
        Assert.Equal(0, _kernel.OpenDescriptors);
        release.Set();
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Requests_that_nobody_has_read_fail_when_the_device_is_closed()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 65_536 ? gate.Pass(ct) : Task.CompletedTask };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        Task served = mount.Verify(65_536, 4096);
        await gate.Reached;
        await Bounded.Until(() => _kernel.WaitingThreads == Internal.Serving.PumpThreads, "the pump waits");
        daemon.Stop();
        Task left = mount.FailsToRead(131_072, 4096);
        gate.Open();
        await served;
        await left;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_daemon_that_is_stopped_before_it_begins_ends_at_once()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        await Bounded.Of(cache.ServeAsync(new MemorySource(), new CancellationToken(canceled: true)));
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_cache_is_served_once()
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource());
        await Assert.ThrowsAsync<InvalidOperationException>(() => daemon.Cache.ServeAsync(new MemorySource(), Bounded.Token));
        daemon.Stop();
        await Bounded.Of(daemon.Serving);
        await Assert.ThrowsAsync<InvalidOperationException>(() => daemon.Cache.ServeAsync(new MemorySource(), Bounded.Token));
        await daemon.Cache.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => daemon.Cache.ServeAsync(new MemorySource(), Bounded.Token));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_cache_that_was_never_served_gives_the_device_up_when_it_is_disposed()
    {
        OndemandCache cache = _kernel.Bind(Daemon.Options);
        Assert.Equal(1, _kernel.OpenDescriptors);
        await cache.DisposeAsync();
        await cache.DisposeAsync();
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task The_fetcher_hears_that_its_objects_are_closed()
    {
        var source = new MemorySource("image", 8192);
        await using (Daemon.Start(_kernel, source))
            await _kernel.Mount();
        Assert.Equal("image", Assert.Single(source.Closed));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_device_that_fails_ends_the_daemon_with_its_error_and_closes_everything()
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await _kernel.Mount();
        _kernel.Faults.Fail(KernelVerb.ReadRequest, Errno.EIO, times: int.MaxValue);
        await mount.FailsToRead(65_536, 4096);
        await Kernels.Fails(Errno.EIO, () => Bounded.Of(daemon.Serving));
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_killed_daemon_leaves_no_reader_waiting()
    {
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, ct) };
        await using Daemon daemon = Daemon.Start(_kernel, source, s_impatient);
        SimulatedMount mount = await _kernel.Mount();
        Task[] readers = [.. Enumerable.Range(1, 8).Select(i => mount.FailsToRead(65_536 * i, 4096))];
        await _kernel.HasTaken(reads: 9);
        _kernel.KillDaemon();
        await Task.WhenAll(readers);
        await Kernels.Fails(Errno.EIO, () => Bounded.Of(daemon.Serving));
        Assert.Equal(0, _kernel.OpenDescriptors);
    }
}
