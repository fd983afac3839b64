using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>Each byte is fetched once, whoever asked first, and each reader goes on as soon as its own are there.</summary>
public sealed class SingleFlightTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task Sixty_four_readers_of_one_range_cost_one_fetch()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : gate.Pass(ct) };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        Task[] readers = [.. Enumerable.Range(0, 64).Select(_ => mount.Verify(65_536, 65_536))];
        await _kernel.HasTaken(reads: 65);
        gate.Open();
        await Task.WhenAll(readers);
        Assert.Equal(new ByteRange(65_536, 65_536), Assert.Single(source.Fetches, f => f.Range.Offset > 0).Range);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Overlapping_ranges_are_fetched_once()
    {
        const int length = 1 << 20;
        var gate = new Gate();
        var source = new MemorySource("image", length) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : gate.Pass(ct) };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        // Each overlaps both neighbours.
        Task[] readers = [.. Enumerable.Range(0, 16).Select(i => mount.Verify(4096 + i * 40_960, 122_880))];
        await _kernel.HasTaken(reads: 17);
        gate.Open();
        await Task.WhenAll(readers);
        AssertNothingTwice(source);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_reader_goes_on_while_the_rest_still_streams()
    {
        var (begun, halfway) = (new Gate(), new Gate());
        var source = new MemorySource("image", 1 << 20)
        {
            PieceSize = 4096,
            BeforePiece = (offset, ct) => offset == 131_072 ? begun.Pass(ct) : offset == 131_072 + 65_536 ? halfway.Pass(ct) : Task.CompletedTask,
        };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        Task all = mount.Verify(131_072, 131_072);
        await begun.Reached;
        Task first = mount.Verify(131_072, 8192);
        await _kernel.HasTaken(reads: 3);
        Assert.False(first.IsCompleted);
        begun.Open();
        await halfway.Reached;
        await first;
        Assert.False(all.IsCompleted);
        halfway.Open();
        await all;
        AssertNothingTwice(source);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_between_two_fetches_that_run_fetches_only_what_is_missing()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : gate.Pass(ct) };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        Task[] readers = [mount.Verify(8192, 4096), mount.Verify(24_576, 4096), mount.Verify(40_960, 4096)];
        await Bounded.Until(() => source.Fetches.Count == 4, "three fetches run");
        readers = [.. readers, mount.Verify(4096, 65_536)];
        await Bounded.Until(() => source.Fetches.Count == 8, "the four gaps are fetched at once");
        gate.Open();
        await Task.WhenAll(readers);
        AssertNothingTwice(source);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(4096, 40_960)]
    [InlineData(618_496, -40_960)]
    public async Task READs_that_waited_while_others_were_served_fetch_only_what_is_still_missing(int begin, int step)
    {
        var stuck = new MemorySource("image", 1 << 20) { Before = (range, ct) => range.Offset == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, ct) };
        Daemon first = Daemon.Start(_kernel, stuck, Daemon.Options with { DrainTimeout = TimeSpan.Zero });
        SimulatedMount mount = await _kernel.Mount();
        Task[] readers = [.. Enumerable.Range(0, 16).Select(i => mount.Verify(begin + i * step, 122_880))];
        await _kernel.HasTaken(reads: 17);
        _kernel.KillDaemon(keepDevice: true);
        await first.DisposeAsync();
        // All of them wait in the kernel, with ranges that overlap: one is served while the next has not been read yet.
        var source = new MemorySource("image", 1 << 20);
        await using Daemon second = Daemon.Restore(_kernel, source, Daemon.Options with { MaxConcurrentFetches = 1 });
        await Task.WhenAll(readers);
        AssertNothingTwice(source);
    }

    private static void AssertNothingTwice(MemorySource source)
    {
        var end = 0L;
        foreach (ByteRange range in source.Fetches.Select(f => f.Range).OrderBy(r => r.Offset))
        {
            Assert.True(range.Offset >= end, $"{range} was fetched before");
            end = range.End;
        }
    }
}
