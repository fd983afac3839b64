using CacheFiles.Bench.Machine;
using CacheFiles.Bench.Results;

namespace CacheFiles.Bench.Runs;

/// <summary>The source is local: what remains is what a daemon costs.</summary>
internal sealed class LocalRun(Sizes sizes, Samples samples, Profile profile) : IRun
{
    public Group Group => Group.Local;

    public bool IsOnce => false;

    public IReadOnlyList<(string Name, Func<Task> RunAsync)> Parts =>
        [.. new[] { Variant.OneThread, Variant.Ours, Variant.FourThreads, Variant.Widening }.Select(variant => (variant.Name, (Func<Task>)(() => RunAsync(variant))))];

    private async Task RunAsync(Variant variant)
    {
        await using Session session = await Session.StartAsync(variant, Paths.Blobs);
        samples.Add("start", variant.Name, session.Daemon.StartTime.TotalMilliseconds);
        var mount = await session.MountAsync("local");
        // Widened, few random reads would find anything missing.
        if (variant != Variant.Widening)
            await ReadRandomAsync(session, variant, mount);
        Usage used = session.Daemon.Usage();
        var sequential = await session.ReadSequentialAsync(mount, sizes.SequentialBytes);
        profile.Add("sequential, local", "MB", variant.Name, sequential, session.Daemon.Usage() - used, sequential["bytes"] / 1e6);
        samples.Add("sequential", variant.Name, sequential["bytes"] / sequential["seconds"] / 1e6);
    }

    private async Task ReadRandomAsync(Session session, Variant variant, string mount)
    {
        await session.ReadRandomAsync(mount, 1, 0, sizes.Warmup);
        var first = sizes.Warmup;
        foreach (var readers in sizes.Readers)
        {
            var count = readers == 1 ? sizes.Single : sizes.Crowd;
            var isCounted = readers == 1 && variant.IsOurs;
            // Telling the counts allocates too; what two tellings in a row differ by is that.
            var before = isCounted ? (await session.Daemon.StatsAsync())["allocated"] : 0;
            var idle = isCounted ? (await session.Daemon.StatsAsync())["allocated"] : 0;
            Usage start = session.Daemon.Usage();
            var result = await session.ReadRandomAsync(mount, readers, first, count);
            first += count;
            Usage used = session.Daemon.Usage() - start;
            profile.Add($"random, {readers} readers, local", "READ", variant.Name, result, used, count);
            samples.Add($"random{readers}/cpu", variant.Name, used.Cpu / count);
            samples.Add($"random{readers}/p50", variant.Name, result["p50_us"]);
            samples.Add($"random{readers}/p99", variant.Name, result["p99_us"]);
            samples.Add($"random{readers}/rate", variant.Name, result["requests"] / result["seconds"]);
            if (isCounted)
                samples.Add("allocated", variant.Name, ((await session.Daemon.StatsAsync())["allocated"] - idle - (idle - before)) / count);
        }
    }
}
