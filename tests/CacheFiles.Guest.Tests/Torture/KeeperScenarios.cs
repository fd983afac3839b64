using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>With a keeper, readers notice a pause and nothing else.</summary>
internal static class KeeperScenarios
{
    private const int LongestMilliseconds = 2000;

    internal static Task KillsAsync(string way, Row row, Random random)
        => RunAsync(way, row, random, (daemon, readers) => KillAsync(daemon, readers, random));

    internal static Task UpgradesAsync(Row row, Random random)
        => RunAsync("supervisor", row, random, (daemon, readers) => UpgradeAsync(daemon, readers, random));

    internal static Task MixedAsync(Row row, Random random)
        => RunAsync("supervisor", row, random, (daemon, readers) => random.Next(2) == 0 ? KillAsync(daemon, readers, random) : UpgradeAsync(daemon, readers, random));

    private static async Task RunAsync(string way, Row row, Random random, Func<KeptDaemon, Readers, Task> disturb)
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        await using KeptDaemon daemon = await KeptDaemon.StartAsync(way, $"source={blobs.Directory}", "delay=10");
        IReadOnlyDictionary<string, int>? before = null;
        var readers = new Readers(blobs, random.Next());
        try
        {
            for (; row.Done < row.Kills && !readers.Ended; row.Done++)
            {
                await disturb(daemon, readers);
                before ??= await SettledAsync(daemon);
            }
            await daemon.Log.IsReadyAsync();
            readers.Clock.Back();
        }
        finally
        {
            await readers.StopAsync();
            row.Take(readers);
            row.Reads = daemon.Log.Fetches;
        }
        row.AssertGood(readers.FirstError);
        Assert.Empty(daemon.Log.Faults);
        foreach (var blob in blobs.Names)
            daemon.Log.AssertNothingTwice(blob);
        // What is only under way goes by itself.
        await Bounded.Until(
            () => $"a clean keeper, which holds {string.Join(", ", row.Descriptors)} too much ({row})",
            () => row.Take(daemon.KeeperId, before!));
    }

    /// <summary>What the keeper holds while a daemon serves.</summary>
    private static async Task<IReadOnlyDictionary<string, int>> SettledAsync(KeptDaemon daemon)
    {
        await daemon.Log.IsReadyAsync();
        await daemon.AssertKeeperIsCleanAsync();
        return ProcessTable.KindsOf(daemon.KeeperId);
    }

    /// <summary>Now and then while a process starts, and else some time after all are served who waited.</summary>
    private static async Task KillAsync(KeptDaemon daemon, Readers readers, Random random)
    {
        if (random.Next(4) > 0)
            await ServesAsync(daemon, readers);
        await Task.Delay(random.Next(LongestMilliseconds));
        if (daemon.Log.IsReady)
            readers.Clock.Back();
        var begun = daemon.Log.Begun.Length;
        readers.Clock.Gone();
        daemon.Kill();
        await daemon.Log.Until("another daemon", () => daemon.Log.Begun.Length > begun);
    }

    private static async Task UpgradeAsync(KeptDaemon daemon, Readers readers, Random random)
    {
        await ServesAsync(daemon, readers);
        await Task.Delay(random.Next(LongestMilliseconds));
        var stopping = daemon.Log.Stopping.Length;
        Task<ChildResult> upgrade = ((SupervisedDaemon)daemon).UpgradeAsync();
        // Until its successor is ready to serve the old one goes on.
        await daemon.Log.Until("the old one to make way", () => upgrade.IsCompleted || daemon.Log.Stopping.Length > stopping);
        readers.Clock.Gone();
        ChildResult result = await upgrade;
        readers.Clock.Back();
        Assert.Equal(new ChildResult(0, "", ""), result);
        // A program that crashes changes nothing.
        if (random.Next(4) == 0)
        {
            ChildResult crashed = await ((SupervisedDaemon)daemon).UpgradeAsync("/bin/sh", "-c", "kill -SEGV $$");
            Assert.True(crashed.ExitCode == 2 && daemon.Log.IsReady && ProcessTable.Runs(daemon.Log.Ready[^1]), $"a crash: {crashed}");
        }
    }

    /// <summary>Waits for a daemon that has served all who waited for it.</summary>
    private static async Task ServesAsync(KeptDaemon daemon, Readers readers)
    {
        await daemon.Log.IsReadyAsync();
        readers.Clock.Back();
        await daemon.Log.Until("the readers to be served", () => readers.Clock.IsOver || readers.Ended);
    }
}
