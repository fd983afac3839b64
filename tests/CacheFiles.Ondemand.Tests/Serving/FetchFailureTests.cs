using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>Whatever a fetcher does, its readers get data or EIO, and it is told what was wrong.</summary>
public sealed class FetchFailureTests
{
    private const int Length = 1 << 20;
    private readonly SimulatedKernel _kernel = new();

    public static TheoryData<Func<RangeWriter, ValueTask>> Failures { get; } = new()
    {
        { _ => throw new IOException("thrown at once") },
        { async _ => { await Task.Yield(); throw new IOException("thrown later"); } },
        { _ => ValueTask.FromException(new IOException("returned")) },
        { _ => ValueTask.FromCanceled(new CancellationToken(canceled: true)) },
        { _ => default },
        { w => Fetcher.Deliver(w, 100) },
        { w => { w.GetMemory(); w.Advance(int.MaxValue); return default; } },
        { w => { w.GetMemory(); w.Advance(-1); return default; } },
        { w => { w.GetMemory(-1); return default; } },
    };

    [Theory(Timeout = Bounded.Test)]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_failed_fetch_is_EIO_and_a_fault_and_the_next_one_is_free_to_succeed(Func<RangeWriter, ValueTask> fail)
    {
        var failing = false;
        var fetcher = new Fetcher(Length, (_, writer, _) => Volatile.Read(ref failing) ? fail(writer) : Fetcher.Deliver(writer, (int)writer.Remaining));
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        Volatile.Write(ref failing, true);
        await mount.FailsToRead(65_536, 65_536);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Fetch, "the fetch failed", "image"), (fault.Source, fault.Message, fault.Key?.CookieText));
        Assert.Equal(new ByteRange(65_536, 65_536), fault.Range);
        Assert.NotNull(fault.Exception);
        // The kernel asks for the page once more, alone.
        Assert.Equal(new ByteRange(65_536, 4096), (await daemon.NextFaultAsync()).Range);
        Volatile.Write(ref failing, false);
        await mount.Verify(65_536, 65_536);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_was_delivered_before_the_failure_is_kept()
    {
        var calls = 0;
        var fetcher = new Fetcher(Length, async (range, writer, _) =>
        {
            if (range.Offset == 65_536 && Interlocked.Increment(ref calls) == 1)
            {
                await Fetcher.Deliver(writer, 16_384);
                throw new IOException("lost");
            }
            await Fetcher.Deliver(writer, (int)writer.Remaining);
        });
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(65_536, 65_536);
        Assert.Equal(FaultSource.Fetch, (await daemon.NextFaultAsync()).Source);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_reader_that_had_joined_a_fetch_which_fails_gets_a_try_of_its_own()
    {
        var gate = new Gate();
        var calls = 0;
        var fetcher = new Fetcher(Length, async (range, writer, ct) =>
        {
            if (range.Offset == 65_536 && Interlocked.Increment(ref calls) == 1)
            {
                await gate.Pass(ct);
                throw new IOException("lost");
            }
            await Fetcher.Deliver(writer, (int)writer.Remaining);
        });
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        Task<byte[]> owner = mount.Read(65_536, 4096);
        await gate.Reached;
        Task joined = mount.Verify(65_536, 4096);
        await _kernel.HasTaken(reads: 3);
        gate.Open();
        await joined;
        await owner;
        Assert.Equal(FaultSource.Fetch, (await daemon.NextFaultAsync()).Source);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task More_than_was_asked_is_a_fault_and_is_not_written()
    {
        var fetcher = new Fetcher(Length, async (_, writer, ct) =>
        {
            await Fetcher.Deliver(writer, (int)writer.Remaining);
            await writer.WriteAsync(new byte[1], ct);
        });
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(65_536, 65_536);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.IsType<RangeFetchException>(fault.Exception);
        Assert.Equal([new ByteRange(0, 4096), new ByteRange(65_536, 65_536)], mount.GetCachedRanges("image"));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_a_fetcher_does_when_it_is_cancelled_cannot_harm_the_daemon()
    {
        var fetcher = new Fetcher(Length, async (range, writer, ct) =>
        {
            if (range.Offset == 65_536)
            {
                ct.Register(() => throw new InvalidOperationException("cancelled"));
                await new TaskCompletionSource().Task;
            }
            await Fetcher.Deliver(writer, (int)writer.Remaining);
        });
        await using Daemon daemon = Daemon.Start(_kernel, fetcher, Daemon.Options with { RequestDeadline = TimeSpan.FromMilliseconds(50) });
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(65_536, 4096);
        await mount.Verify(131_072, 4096);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_hint_larger_than_any_buffer_is_a_failure_like_others()
    {
        var fetcher = new Fetcher(Length, (_, writer, _) => { writer.GetMemory(4 << 20); return default; });
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        await Kernels.Fails(Errno.EIO, () => _kernel.Mount());
        Assert.IsType<ArgumentOutOfRangeException>((await daemon.NextFaultAsync()).Exception);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_logger_that_throws_changes_nothing()
    {
        var fetcher = new Fetcher(Length, (range, writer, _) => range.Offset == 0 ? Fetcher.Deliver(writer, 4096) : throw new IOException());
        await using Daemon daemon = Daemon.Start(_kernel, fetcher, Daemon.Options with { Logger = new BrokenLogger() });
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(65_536, 4096);
        await mount.UnmountAsync(Bounded.Token);
        await (await _kernel.Mount()).Verify(0, 4096);
        Assert.False(daemon.Serving.IsCompleted);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fault_hook_that_throws_changes_nothing()
    {
        var fetcher = new Fetcher(Length, (range, writer, _) => range.Offset == 0 ? Fetcher.Deliver(writer, 4096) : throw new IOException());
        OndemandCache cache = _kernel.Bind(Daemon.Options with { OnFault = _ => throw new InvalidOperationException("the hook") });
        await using (cache)
        {
            Task serving = cache.ServeAsync(fetcher, Bounded.Token);
            SimulatedMount mount = await _kernel.Mount();
            await mount.FailsToRead(65_536, 4096);
            await mount.Verify(0, 4096);
            Assert.False(serving.IsCompleted);
        }
    }
}
