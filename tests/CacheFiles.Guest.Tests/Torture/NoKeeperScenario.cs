using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>Without a keeper, exactly what docs/operating.md says.</summary>
internal static class NoKeeperScenario
{
    private const string Cold = "large/uneven";
    private const string Cached = "large/whole";

    internal static async Task RunAsync(Row row, Random random)
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        var cache = GuestMachine.NewCacheDirectory();
        var log = new DaemonLog(Path.GetTempFileName());
        for (; row.Done < row.Kills; row.Done++)
        {
            var blob = $"plain-{blobs.Next("plain")}";
            Mount mount;
            using (Child daemon = await StartAsync(log, blobs, cache))
            {
                mount = await Mount.OfAsync(blob);
                await ImageCheck.FileAsync("plain", mount, Cached);
                mount.Touch(Cold);
                using Child reader = Child.Read(mount.File(Cold), 0, long.MaxValue);
                await Task.Delay(random.Next(150));
                daemon.Signal("KILL");
                await daemon.EndAsync();

                // Who reads gets an error at once, but for what is in memory: the kernel has let go of the cache.
                if (await reader.EndAsync() is { ExitCode: not 0 } cutOff)
                    cutOff.AssertReadError();
                (await Child.Read(mount.File(Cold), 6 << 20, 1 << 20).EndAsync()).AssertReadError();
                Assert.Equal(new ChildResult(0, "", ""), await Child.Read(mount.File(Cached), 0, long.MaxValue).EndAsync());
                GuestMachine.DropCaches();
                (await Child.Read(mount.File(Cached), 0, long.MaxValue).EndAsync()).AssertReadError();
            }
            using (Child next = await StartAsync(log, blobs, cache))
            {
                // The mount stays as it is until it is mounted anew; what is cached is not fetched again then.
                (await Child.Read(mount.File(Cold), 6 << 20, 1 << 20).EndAsync()).AssertReadError();
                await mount.UnmountAsync();
                await using (Mount again = await Mount.OfAsync(blob))
                    await ImageCheck.SumsAsync("plain", again);
                log.AssertNothingTwice(blob);
                next.Signal("TERM");
                Assert.Equal(0, (await next.EndAsync()).ExitCode);
            }
        }
        row.Reads = log.Fetches;
        Directory.Delete(cache, recursive: true);
    }

    internal static async Task<Child> StartAsync(DaemonLog log, Blobs blobs, string cache, params string[] settings)
    {
        var count = log.Ready.Length;
        Child daemon = Child.Start("bash", ["-c", "exec \"$@\" >>\"$0\" 2>&1", log.Path, .. KeptDaemon.CommandOf("none", [$"cache={cache}", $"source={blobs.Directory}", "delay=5", .. settings])]);
        await log.ReadyAsync(count + 1);
        return daemon;
    }
}
