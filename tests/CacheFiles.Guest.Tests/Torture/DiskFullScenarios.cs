using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>Somebody fills the disk of the cache, and makes room again: readers and prefetches notice a pause and nothing else.</summary>
internal static class DiskFullScenarios
{
    private const int LongestMilliseconds = 2000;
    private const int MostLeft = 1 << 20;
    private const string Blob = "plain";

    /// <summary>While eight readers read.</summary>
    internal static async Task ReadsAsync(Row row, Random random)
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        var cache = GuestMachine.NewCacheDirectory();
        var log = new DaemonLog(Path.GetTempFileName());
        using Child daemon = await NoKeeperScenario.StartAsync(log, blobs, cache, "full=yes");
        using var filler = new Filler();
        using var mounts = new SemaphoreSlim(1);
        var readers = new Readers(blobs, random.Next(), mounts);
        for (; row.Done < row.Kills && !readers.Ended; row.Done++)
        {
            await Task.Delay(random.Next(LongestMilliseconds));
            // What is opened or closed while the disk is full may end the cache: docs/operating.md has it.
            await mounts.WaitAsync();
            readers.Clock.Gone();
            await filler.LeaveFreeAsync(random.Next(MostLeft));
            await Task.Delay(random.Next(LongestMilliseconds));
            filler.Remove();
            readers.Clock.Back();
            mounts.Release();
            await log.Until("the readers to be served", () => readers.Clock.IsOver || readers.Ended);
        }
        await readers.StopAsync();
        row.Take(readers);
        row.Reads = log.Fetches;
        row.AssertGood(readers.FirstError);
        await EndAsync(daemon, log);
        Directory.Delete(cache, recursive: true);
    }

    /// <summary>While an object is prefetched, and nothing can be culled.</summary>
    internal static async Task PrefetchAsync(Row row, Random random)
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        var log = new DaemonLog(Path.GetTempFileName());
        using var filler = new Filler();
        for (; row.Done < row.Kills; row.Done++)
        {
            var cache = GuestMachine.NewCacheDirectory();
            var blob = $"{Blob}-{blobs.Next(Blob)}";
            using Child daemon = await NoKeeperScenario.StartAsync(log, blobs, cache, "full=yes", $"prefetch={Blob}-");
            var faults = log.Faults.Length;
            // The prefetch itself fills the rest, however fast it is.
            await filler.LeaveFreeAsync((GuestMachine.LengthOf(Blob) / 2) + random.Next(MostLeft));
            await using (Mount mount = await Mount.OfAsync(blob))
            {
                await log.Until("a prefetch that waits for room", () => log.Faults.Length > faults);
                await Task.Delay(random.Next(LongestMilliseconds));
                filler.Remove();
                await log.HasAsync($"prefetch-ended {blob} 0");

                var fetches = log.Fetches;
                await ImageCheck.SumsAsync(Blob, mount);
                Assert.Equal(fetches, log.Fetches);
            }
            await EndAsync(daemon, log);
            Directory.Delete(cache, recursive: true);
        }
        row.Reads = log.Fetches;
    }

    private static async Task EndAsync(Child daemon, DaemonLog log)
    {
        daemon.Signal("TERM");
        Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
        Assert.All(log.Faults, fault => Assert.StartsWith("fault Space: ", fault, StringComparison.Ordinal));
    }
}
