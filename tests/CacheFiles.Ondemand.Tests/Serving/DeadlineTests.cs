using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A fetcher that never returns costs its readers the deadline, and nobody else anything.</summary>
public sealed class DeadlineTests
{
    private static readonly OndemandOptions s_options = Daemon.Options with { RequestDeadline = TimeSpan.FromMilliseconds(100) };
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_reader_of_a_fetch_that_never_returns_gets_EIO_at_the_deadline()
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
        await using Daemon daemon = Daemon.Start(_kernel, source, s_options);
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(65_536, 65_536);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Deadline, "image"), (fault.Source, fault.Key?.CookieText));
        Assert.Equal(new ByteRange(65_536, 65_536), fault.Range);
        await Bounded.Of(cancelled.Task);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task The_place_of_a_fetch_that_never_returns_is_free_after_the_deadline()
    {
        var source = new MemorySource("image", 1 << 20) { Before = (range, _) => range.Offset == 65_536 ? new TaskCompletionSource().Task : Task.CompletedTask };
        await using Daemon daemon = Daemon.Start(_kernel, source, s_options with { MaxConcurrentFetches = 1 });
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(65_536, 4096);
        await mount.Verify(131_072, 65_536);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_prefetch_that_never_returns_is_given_up_although_a_reader_has_come_to_wait_for_it()
    {
        var gate = new Gate();
        var stuck = 1;
        var source = new MemorySource("image", 1 << 20)
        {
            Before = (range, ct) => range.Offset == 65_536 ? gate.Pass(ct)
                : range.Offset == 131_072 && Interlocked.Exchange(ref stuck, 0) == 1 ? new TaskCompletionSource().Task : Task.CompletedTask,
        };
        await using Daemon daemon = Daemon.Start(_kernel, source, s_options with { MaxConcurrentFetches = 1, RequestDeadline = TimeSpan.FromSeconds(2) });
        SimulatedMount mount = await _kernel.Mount();
        Task<byte[]> first = mount.Read(65_536, 4096);
        await gate.Reached;
        // It waits in line, until the reader makes it urgent.
        Task<PrefetchProgress> prefetching = daemon.Cache.PrefetchAsync(new ObjectKey("erofs,image", "image"), new() { Ranges = [new ByteRange(131_072, 4096)] }, Bounded.Token);
        Task<byte[]> second = mount.Read(131_072, 4096);
        await _kernel.HasTaken(reads: 3);
        gate.Open();
        await Bounded.Of(prefetching);
        await mount.Verify(131_072, 4096);
        await Task.WhenAny(first);
        await Task.WhenAny(second);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task One_reader_at_its_deadline_does_not_take_the_fetch_from_another_one()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 65_536 ? gate.Pass(ct) : Task.CompletedTask };
        await using Daemon daemon = Daemon.Start(_kernel, source, Daemon.Options with { RequestDeadline = TimeSpan.FromSeconds(2) });
        SimulatedMount mount = await _kernel.Mount();
        Task<byte[]> first = mount.Read(65_536, 4096);
        await gate.Reached;
        // What lies between the two deadlines is the time in which the first one's fault has to be seen here.
        await Task.Delay(1000, Bounded.Token);
        Task second = mount.Verify(65_536, 4096);
        await daemon.NextFaultAsync();
        gate.Open();
        await second;
        await Task.WhenAny(first);
        Assert.Single(source.Fetches, f => f.Range.Offset == 65_536);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_fetch_that_comes_back_after_its_deadline_writes_nothing_and_disturbs_nobody()
    {
        var gate = new Gate();
        var late = new TaskCompletionSource<Exception?>();
        var fetcher = new Fetcher(1 << 20, async (range, writer, _) =>
        {
            if (range.Offset == 65_536)
            {
                await gate.Hold();
                late.TrySetResult(await Record.ExceptionAsync(() => Fetcher.Deliver(writer, 4096).AsTask()));
                throw new IOException("late");
            }
            await Fetcher.Deliver(writer, (int)writer.Remaining);
        });
        await using Daemon daemon = Daemon.Start(_kernel, fetcher, s_options);
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(65_536, 4096);
        while (daemon.Faults.TryDequeue(out OndemandFault? fault))
            Assert.Equal(FaultSource.Deadline, fault.Source);
        gate.Open();
        Assert.IsType<OperationCanceledException>(await Bounded.Of(late.Task));
        Assert.DoesNotContain(mount.GetCachedRanges("image"), r => r.End > 65_536);
        await mount.Verify(131_072, 4096);
        Assert.Empty(daemon.Faults);
    }
}
