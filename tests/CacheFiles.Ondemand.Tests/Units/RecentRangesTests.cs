using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

/// <summary>The last ranges that came are known, and nothing else is taken for them.</summary>
public sealed class RecentRangesTests
{
    private const long Page = 4096;

    [Fact]
    public void Nothing_overlaps_before_anything_came()
        => Assert.False(new RecentRanges().Overlap(0, (1L << 44) - Page));

    [Fact]
    public void The_last_32_are_known_and_only_they()
    {
        Random random = Seed.Random();
        var ranges = new RecentRanges();
        var came = new List<ByteRange>();
        for (var i = 0; i < 5000; i++)
        {
            // Small numbers meet often; those at the end of the largest object are the largest.
            var shift = random.Next(2) == 0 ? 0 : (1L << 44) - (300 * Page);
            var asked = new ByteRange(shift + (random.Next(250) * Page), random.Next(1, 20) * Page);
            Assert.Equal(came.TakeLast(RecentRanges.Count).Any(range => range.Offset < asked.End && range.End > asked.Offset), ranges.Overlap(asked.Offset, asked.End));
            came.Add(new ByteRange(shift + (random.Next(280) * Page), random.Next(1, 5) * Page));
            ranges.Add(came[^1]);
        }
    }

    [Fact]
    public void A_range_that_ends_inside_a_page_has_that_page()
    {
        var ranges = new RecentRanges();
        ranges.Add(new ByteRange(8 * Page, Page + 17));
        Assert.True(ranges.Overlap(9 * Page, 10 * Page));
        Assert.False(ranges.Overlap(10 * Page, 11 * Page));
        Assert.False(ranges.Overlap(7 * Page, 8 * Page));
    }
}
