using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>With a keeper, readers notice a pause and nothing else.</summary>
internal static class KeeperScenarios
{
    private const int LongestMilliseconds = 2000;

    internal static Task KillsAsync(string way, Row row, Random random)
        => RunAsync(way, row, random, (daemon, clock) => KillAsync(daemon, clock, random));

    internal static Task UpgradesAsync(Row row, Random random)
        => RunAsync("supervisor", row, random, async (daemon, clock) =>
        {
            await Task.Delay(random.Next(LongestMilliseconds));
            await UpgradeAsync(daemon, clock);
        });

    internal static Task MixedAsync(Row row, Random random)
        => RunAsync("supervisor", row, random, async (daemon, clock) =>
        {
            if (random.Next(2) == 0)
            {
                await KillAsync(daemon, clock, random);
                return;
            }
            await UpgradeAsync(daemon, clock);
        });

    private static async Task RunAsync(string way, Row row, Random random, Func<KeptDaemon, PauseClock, Task> disturb)
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        var clock = new PauseClock();
        await using KeptDaemon daemon = await KeptDaemon.StartAsync(way, $"source={blobs.Directory}", "delay=10");
        await using (var readers = new Readers(blobs, clock, random.Next()))
        {
            while (row.Done < row.Kills && !readers.Ended)
            {
                await disturb(daemon, clock);
                row.Done++;
            }
            await daemon.Log.IsReadyAsync();
            clock.Back();
            await readers.StopAsync();
            row.Pause = clock.Take();
            row.Reads = daemon.Log.Fetches;
            row.Errors = readers.Errors;
            Assert.True(readers.Wrong == 0, $"{readers.Wrong} files with other bytes than their source");
            Assert.True(readers.Errors == 0, readers.FirstError);
        }
        foreach (var blob in blobs.Names)
            daemon.Log.AssertNothingTwice(blob);
        Assert.Empty(daemon.Log.Faults);
        daemon.AssertKeeperIsClean();
    }

    /// <summary>Now and then while a process starts, and else some time after it has begun to serve.</summary>
    private static async Task KillAsync(KeptDaemon daemon, PauseClock clock, Random random)
    {
        if (random.Next(4) > 0)
            await daemon.Log.IsReadyAsync();
        await Task.Delay(random.Next(LongestMilliseconds));
        if (daemon.Log.IsReady)
            clock.Back();
        var begun = daemon.Log.Begun.Length;
        clock.Gone();
        daemon.Kill();
        await daemon.Log.Until("another daemon", () => daemon.Log.Begun.Length > begun);
    }

    private static async Task UpgradeAsync(KeptDaemon daemon, PauseClock clock)
    {
        await daemon.Log.IsReadyAsync();
        clock.Back();
        clock.Gone();
        ChildResult result = await ((SupervisedDaemon)daemon).UpgradeAsync();
        clock.Back();
        Assert.Equal(new ChildResult(0, "", ""), result);
    }
}
