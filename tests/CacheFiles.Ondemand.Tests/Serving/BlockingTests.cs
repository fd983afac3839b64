using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A fetcher that blocks its thread holds up nobody else.</summary>
public sealed class BlockingTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task Others_are_read_opened_and_closed_while_fetches_block_their_threads()
    {
        var gate = new Gate();
        var source = new MemorySource("image", 1 << 20)
        {
            Before = (range, _) =>
            {
                if (range.Offset is >= 65_536 and < 131_072)
                    gate.Block();
                return Task.CompletedTask;
            },
        };
        source.Add("other", 100_000);
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        // More than the pump has threads.
        Task[] blocked = [.. Enumerable.Range(0, 16).Select(i => mount.Verify(65_536 + i * 4096, 4096))];
        await gate.Reached;
        SimulatedMount other = await _kernel.Mount("other");
        await other.Verify(0, 100_000, "other");
        await other.UnmountAsync(Bounded.Token);
        await mount.Verify(0, 65_536);
        Assert.DoesNotContain(blocked, b => b.IsCompleted);
        gate.Open();
        await Task.WhenAll(blocked);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Lengths_that_block_hold_up_no_READ()
    {
        var gate = new Gate();
        var fetcher = new Fetcher(
            (key, _) =>
            {
                if (key.CookieText != "image")
                    gate.Block();
                return new(100_000);
            },
            (_, writer, _) => Fetcher.Deliver(writer, (int)writer.Remaining));
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        Task<SimulatedMount> blocked = _kernel.Mount("slow");
        await gate.Reached;
        await mount.Verify(0, 100_000);
        Assert.False(blocked.IsCompleted);
        gate.Open();
        await blocked;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task The_pieces_of_one_READ_do_not_wait_for_each_other()
    {
        var (first, second) = (new Gate(), new Gate());
        var source = new MemorySource("image", 1 << 20)
        {
            Before = (range, ct) =>
            {
                if (range.Offset == 65_536)
                    first.Block();
                return range.Offset == 98_304 ? second.Pass(ct) : Task.CompletedTask;
            },
        };
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        Task middle = mount.Verify(98_304, 4096);
        await second.Reached;
        // One piece before what is being fetched, one behind.
        Task around = mount.Verify(65_536, 65_536);
        await first.Reached;
        await mount.Verify(102_400, 28_672);
        second.Open();
        await middle;
        first.Open();
        await around;
    }
}
