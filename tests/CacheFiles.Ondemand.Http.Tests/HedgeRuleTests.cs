using CacheFiles.Ondemand.Internal.Http;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>When a hedge is due, and how many there may be.</summary>
public sealed class HedgeRuleTests
{
    [Fact]
    public void What_is_usual_is_not_known_from_a_few_responses()
    {
        var window = new LatencyWindow();
        for (var i = 1; i < LatencyWindow.Fewest; i++)
        {
            window.Record(TimeSpan.FromMilliseconds(i));
            Assert.Null(window.Percentile95);
        }
        window.Record(TimeSpan.FromMilliseconds(LatencyWindow.Fewest));
        Assert.NotNull(window.Percentile95);
    }

    [Fact]
    public void What_is_usual_is_what_95_of_100_stayed_within()
    {
        Random random = Seed.Random();
        var window = new LatencyWindow();
        int[] latencies = [.. Enumerable.Range(1, LatencyWindow.Size)];
        random.Shuffle(latencies);
        // A few more, so that the last of the window is among those that the figure was made of.
        foreach (var latency in latencies.Concat(latencies[..12]))
            window.Record(TimeSpan.FromMilliseconds(latency));
        Assert.Equal(0.95 * LatencyWindow.Size, window.Percentile95!.Value.TotalMilliseconds, tolerance: 1);
    }

    [Fact]
    public void What_is_long_past_is_forgotten()
    {
        var window = new LatencyWindow();
        for (var i = 0; i < LatencyWindow.Size; i++)
            window.Record(TimeSpan.FromSeconds(1));
        for (var i = 0; i < LatencyWindow.Size; i++)
            window.Record(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.FromMilliseconds(1), window.Percentile95);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public void Hedges_are_a_share_of_the_plain_requests(int percent)
    {
        Random random = Seed.Random();
        var budget = new HedgeBudget(percent);
        var hedges = 0;
        for (var plain = 1; plain <= 10_000; plain++)
        {
            budget.Earn();
            if (random.Next(2) == 0 && budget.TrySpend())
                hedges++;
            Assert.True(hedges * 100 <= plain * percent, $"{hedges} hedges for {plain} plain requests");
        }
        // What is allowed is used, as far as there was a reason.
        Assert.InRange(hedges, Math.Min(percent * 100, 4500) * 9 / 10, 10_000);
    }

    [Fact]
    public void A_quiet_time_does_not_save_up_a_burst()
    {
        var budget = new HedgeBudget(5);
        for (var plain = 0; plain < 100_000; plain++)
            budget.Earn();
        var hedges = 0;
        while (budget.TrySpend())
            hedges++;
        Assert.Equal(10, hedges);
    }

    [Fact]
    public void The_share_holds_when_many_threads_ask()
    {
        var budget = new HedgeBudget(5);
        var hedges = 0;
        Parallel.For(0, 100_000, _ =>
        {
            budget.Earn();
            if (budget.TrySpend())
                Interlocked.Increment(ref hedges);
        });
        Assert.Equal(5000, hedges);
    }
}
