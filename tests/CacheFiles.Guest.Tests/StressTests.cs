using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests;

/// <summary>Thousands of READs at once: none is lost, none is mixed up.</summary>
public class StressTests
{
    private const int Seed = 61200;

    [GuestFact]
    public async Task Sixteen_readers_in_lockstep_get_every_page_by_a_READ_of_its_own()
    {
        await using TestDaemon daemon = TestDaemon.Start(o => o with { MaxReadAheadBytes = 0 });
        await using Mount mount = await Mount.OfAsync("plain");

        await ImageCheck.FileAsync("plain", mount, "large/whole", "lockstep", Seed);

        // 7 MiB, page by page: a request that nobody noticed would have stopped the readers.
        Assert.InRange(daemon.Fetcher.Fetches.Count, 1792, 1850);
        daemon.Fetcher.AssertNothingTwice("plain");
        Assert.Empty(daemon.Faults);
    }

    [GuestFact]
    public async Task Readers_of_three_images_at_once_get_their_bytes_from_a_source_that_answers_out_of_order()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount plain = await Mount.OfAsync("plain");
        await using Mount first = await Mount.OfAsync("first", "dom", "common");
        await using Mount second = await Mount.OfAsync("second", "dom", "common");
        var random = new Random(Seed);
        daemon.Fetcher.BeforeFetch = (_, _, cancelled) =>
        {
            lock (random)
                return random.Next(3) == 0 ? Task.Delay(random.Next(1, 20), cancelled) : Task.CompletedTask;
        };

        await Task.WhenAll(
            ImageCheck.SumsAsync("plain", plain, "parallel", Seed),
            ImageCheck.SumsAsync("first", first),
            ImageCheck.SumsAsync("second", second));

        Assert.Empty(daemon.Faults);
    }
}
