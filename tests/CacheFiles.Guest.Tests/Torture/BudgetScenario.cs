using System.Globalization;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>Images that are read at random are much larger than the budget of their cache, for as many seconds as there are kills in the row, and in any
/// case until more was fetched than the budget is.</summary>
internal static class BudgetScenario
{
    private const long MiB = 1 << 20;
    // Three of the images are open at once; all of them are more than twice the budget.
    private const int Images = 12;
    private const long Budget = 24 * MiB;
    private const long Window = MiB;
    // Directories, of which the domain has 256, are not data.
    private const long Directories = 272 * 4096;
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(5);

    internal static async Task RunAsync(Row row, Random random)
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        var cache = GuestMachine.NewCacheDirectory();
        var log = new DaemonLog(Path.GetTempFileName());
        int[] numbers = [.. Enumerable.Range(0, Images).Select(_ => Readers.Next(blobs))];
        var free = Filler.Space.FreeBytes;
        using Child daemon = await NoKeeperScenario.StartAsync(log, blobs, cache, $"budget={Budget}", $"ahead={Window}");
        var end = Environment.TickCount64 + (row.Kills * 1000L);
        using var stop = new CancellationTokenSource();
        Task<long> usage = WatchAsync(free, stop.Token);
        // One is open all the time: whatever else goes, nothing of it may.
        await using (Mount open = await Readers.MountAsync(numbers[0]))
        {
            await ImageCheck.SumsAsync(Readers.Image, open);
            // The same image is mounted once only.
            Readers[] readers = [.. Enumerable.Range(0, 2).Select(part =>
            {
                int[] own = [.. numbers.Where(n => n > 0 && n % 2 == part)];
                var order = new Random(random.Next());
                return new Readers(() => own[order.Next(own.Length)], random.Next(), count: 4);
            })];
            var patience = Environment.TickCount64 + (long)Scenario.Patience.TotalMilliseconds;
            // In this process: one that is just started has the open files of all others for a moment, and keeps their images from being unmounted.
            while ((Environment.TickCount64 < end || (Environment.TickCount64 < patience && Fetched() <= Budget)) && !readers.Any(r => r.Ended))
                await Task.Run(() => readers[0].ReadAll(open, new Random(random.Next())));
            await Task.WhenAll(readers.Select(r => r.StopAsync()));
            row.Done = row.Kills;
            row.Take(readers);
            row.Reads = log.Fetches;
            row.AssertGood(readers.Select(r => r.FirstError).FirstOrDefault(e => e is not null));
        }
        await stop.CancelAsync();
        var most = await usage - Directories;
        row.Note = string.Create(CultureInfo.InvariantCulture, $"budget {Budget / MiB} MiB, most {(double)most / MiB:F2} MiB");
        Assert.True(most is > Budget / 2 and <= Budget + Window, row.Note);
        foreach (var image in (string[])[Readers.Image, Readers.Data])
            log.AssertNothingTwice($"{image}-{numbers[0]}");
        Assert.Empty(log.Faults);
        daemon.Signal("TERM");
        Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
        Directory.Delete(cache, recursive: true);

        long Fetched() => numbers.Sum(n => log.FetchedOf($"{Readers.Data}-{n}").Sum(r => r.Length));
    }

    /// <summary>What the cache takes of its disk at most.</summary>
    private static async Task<long> WatchAsync(long free, CancellationToken stop)
    {
        var most = 0L;
        while (!stop.IsCancellationRequested)
        {
            most = Math.Max(most, free - Filler.Space.FreeBytes);
            await Task.Delay(s_beat, CancellationToken.None);
        }
        return most;
    }
}
