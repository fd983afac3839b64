using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>The blocks around what a reader waits for, where they are wanted.</summary>
public sealed class AroundTests
{
    private const int Block = 256 << 10;
    private static readonly OndemandOptions s_options = Daemon.Options with { FetchAroundBytes = Block };
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_reader_does_not_wait_for_what_is_fetched_around_its_bytes_and_the_next_one_finds_it()
    {
        const int Asked = (5 * Block) + 65_536;
        var gate = new Gate();
        var source = new MemorySource("image", 8 * Block)
        {
            Before = (range, ct) => range.Offset / Block == 5 && range.Offset != Asked ? gate.Pass(ct) : Task.CompletedTask,
        };
        await using Daemon daemon = Daemon.Start(_kernel, source, s_options);
        SimulatedMount mount = await _kernel.Mount();

        await mount.Verify(Asked, 4096);

        await gate.Reached;
        gate.Open();
        await mount.Verify(5 * Block, Block);
        // The mount has read in the first block, and nobody waits for the rest of it.
        await Bounded.Until(() => Whole(source).Sum(r => r.Length) == 2 * Block, "both blocks");
        Assert.Equal([new(0, Block), new(5 * Block, Block)], Whole(source));
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_lies_in_two_blocks_brings_both_and_the_last_one_ends_with_the_object()
    {
        const long Length = (4 * Block) + 10_000;
        var source = new MemorySource("image", Length);
        await using Daemon daemon = Daemon.Start(_kernel, source, s_options);
        SimulatedMount mount = await _kernel.Mount();

        await mount.Verify((2 * Block) - 4096, 8192);
        await mount.Verify((4 * Block) + 8192, 1808);

        await Bounded.Until(() => Whole(source).Sum(r => r.Length) == Length - Block, "the blocks");
        Assert.Equal([new(0, 3 * Block), new(4 * Block, 10_000)], Whole(source));
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Who_reads_on_is_read_ahead_of_and_nothing_is_fetched_twice()
    {
        const int Length = 16 * Block;
        var source = new MemorySource("image", Length);
        await using Daemon daemon = Daemon.Start(_kernel, source, s_options with { MaxReadAheadBytes = 1 << 20 });
        SimulatedMount mount = await _kernel.Mount();

        for (var at = 0; at < Length; at += 65_536)
            await mount.Verify(at, 65_536);

        Assert.Equal([new(0, Length)], Whole(source));
        Assert.Empty(daemon.Faults);
    }

    /// <summary>What was fetched, without where one fetch ended and the next began; nothing of it twice.</summary>
    private static List<ByteRange> Whole(MemorySource source)
    {
        List<ByteRange> whole = [];
        foreach (ByteRange range in source.Fetches.Select(f => f.Range).OrderBy(r => r.Offset))
        {
            if (whole is [.., var last] && range.Offset <= last.End)
            {
                Assert.Equal(last.End, range.Offset);
                whole[^1] = ByteRange.FromBounds(last.Offset, range.End);
            }
            else
            {
                whole.Add(range);
            }
        }
        return whole;
    }
}
