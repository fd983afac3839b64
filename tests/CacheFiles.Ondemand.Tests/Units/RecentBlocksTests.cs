using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Tests.Units;

/// <summary>What came ahead is remembered for a second or two, and nothing else is taken for it.</summary>
public sealed class RecentBlocksTests
{
    private const long Block = RecentBlocks.BlockSize;

    [Fact]
    public void What_came_ahead_is_known_and_its_neighbours_are_not_taken_for_it()
    {
        var blocks = new RecentBlocks(0);
        blocks.Add(new ByteRange((5 * Block) + 4096, 2 * Block), 0);
        Assert.False(blocks.MayOverlap(4 * Block, 5 * Block, 0));
        Assert.True(blocks.MayOverlap(5 * Block, (5 * Block) + 8192, 0));
        Assert.True(blocks.MayOverlap(0, 6 * Block, 0));
        Assert.True(blocks.MayOverlap(7 * Block, 9 * Block, 0));
        Assert.False(blocks.MayOverlap(8 * Block, 9 * Block, 0));
    }

    [Fact]
    public void More_ranges_than_a_replay_brings_in_a_moment_are_known()
    {
        var blocks = new RecentBlocks(0);
        for (var i = 0; i < 1000; i++)
            blocks.Add(new ByteRange(i * Block, 4096), i % (int)RecentBlocks.Lately);
        for (var i = 0; i < 1000; i++)
            Assert.True(blocks.MayOverlap(i * Block, (i * Block) + 4096, RecentBlocks.Lately - 1));
    }

    [Fact]
    public void It_is_forgotten_after_a_second_at_least_and_two_at_most()
    {
        var blocks = new RecentBlocks(0);
        blocks.Add(new ByteRange(0, 4096), RecentBlocks.Lately - 1);
        Assert.True(blocks.MayOverlap(0, 4096, (2 * RecentBlocks.Lately) - 1));
        Assert.False(blocks.MayOverlap(0, 4096, 3 * RecentBlocks.Lately));
    }

    [Fact]
    public void After_a_pause_nothing_is_known()
    {
        var blocks = new RecentBlocks(0);
        blocks.Add(new ByteRange(0, long.MaxValue / 2), 0);
        Assert.True(blocks.MayOverlap(0, 4096, 0));
        Assert.False(blocks.MayOverlap(0, 4096, 2 * RecentBlocks.Lately));
    }
}
