using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>CLOSE ends what is under way for its object and nothing else.</summary>
public sealed class CloseTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fetch_that_writes_between_the_kernels_CLOSE_and_the_daemons_is_no_fault()
    {
        var closing = new Gate();
        var fetching = new Gate();
        var kernel = new SimulatedKernel { Between = device => new HeldDevice(device, CacheFilesUapi.CACHEFILES_OP_CLOSE, closing) };
        var source = new MemorySource("image", 1 << 20) { Before = (range, _) => range.Offset == 0 ? Task.CompletedTask : fetching.Hold() };
        await using Daemon daemon = Daemon.Start(kernel, source);
        SimulatedMount mount = await kernel.Mount();
        using var kill = new CancellationTokenSource();
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 65_536, kill.Token);
        await fetching.Reached;
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        await mount.UnmountAsync(Bounded.Token);
        await closing.Reached;
        fetching.Open();
        // Its READ is answered when the fetch has failed; nobody waits for it any more, and that is all that is said.
        Assert.Equal(FaultSource.LateCompletion, (await daemon.NextFaultAsync()).Source);
        closing.Open();
        await Bounded.Until(() => source.Closed.Contains("image"), "the fetcher hears of the CLOSE");
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task CLOSE_cancels_the_fetches_of_its_object_and_is_not_held_up_by_them()
    {
        var gate = new Gate();
        var cancelled = new TaskCompletionSource();
        var source = new MemorySource("image", 1 << 20)
        {
            Before = async (range, ct) =>
            {
                if (range.Offset == 0)
                    return;
                ct.Register(() => cancelled.TrySetResult());
                await gate.Hold();
            },
        };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        using var kill = new CancellationTokenSource();
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 65_536, kill.Token);
        await gate.Reached;
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        await mount.UnmountAsync(Bounded.Token);
        await Bounded.Of(cancelled.Task);
        await Bounded.Until(() => source.Closed.Contains("image"), "the fetcher hears of the CLOSE");
        Assert.Equal(1, _kernel.OpenDescriptors);
        gate.Open();
        // Nothing of the late fetch reaches the next life of the object.
        mount = await _kernel.Mount();
        await mount.Verify(0, 1 << 20);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fetch_in_line_is_not_begun_after_the_CLOSE_of_its_object()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, _) => range.Offset == 65_536 ? gate.Hold() : Task.CompletedTask };
        await using Daemon daemon = Daemon.Start(_kernel, source, Daemon.Options with { MaxConcurrentFetches = 1 });
        SimulatedMount mount = await _kernel.Mount();
        using var kill = new CancellationTokenSource();
        Task[] readers = [mount.ReadAsync("image", 65_536, 4096, kill.Token)];
        await gate.Reached;
        readers = [.. readers, .. Enumerable.Range(2, 7).Select(i => mount.ReadAsync("image", 65_536 * i, 4096, kill.Token))];
        await _kernel.HasTaken(reads: 9);
        await kill.CancelAsync();
        await Task.WhenAll(readers.Select(r => Assert.ThrowsAnyAsync<OperationCanceledException>(() => r)));
        await mount.UnmountAsync(Bounded.Token);
        await Bounded.Until(() => source.Closed.Contains("image"), "the fetcher hears of the CLOSE");
        gate.Open();
        mount = await _kernel.Mount();
        await mount.Verify(900_000, 4096);
        Assert.Equal([0, 65_536, 897_024], source.Fetches.Select(f => f.Range.Offset));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_killed_reader_is_a_late_completion_and_harms_nobody()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : gate.Pass(ct) };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        using var kill = new CancellationTokenSource();
        Task<byte[]> killed = mount.ReadAsync("image", 65_536, 65_536, kill.Token);
        await gate.Reached;
        Task other = mount.Verify(65_536, 65_536);
        await _kernel.HasTaken(reads: 3);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => killed);
        gate.Open();
        await other;
        Assert.Equal(FaultSource.LateCompletion, (await daemon.NextFaultAsync()).Source);
        Assert.Single(source.Fetches, f => f.Range.Offset == 65_536);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fetcher_that_throws_when_its_object_is_closed_is_a_fault_and_no_more()
    {
        var fetcher = new Fetcher((_, _) => new(8192), (_, w, _) => Fetcher.Deliver(w, (int)w.Remaining), _ => throw new InvalidOperationException("closing"));
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        await (await _kernel.Mount()).UnmountAsync(Bounded.Token);
        Assert.Equal("closing", (await daemon.NextFaultAsync()).Exception?.Message);
        await (await _kernel.Mount()).Verify(0, 8192);
    }
}
