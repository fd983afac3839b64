using CacheFiles.Bench.Machine;
using CacheFiles.Bench.Results;

namespace CacheFiles.Bench.Runs;

/// <summary>The source is some milliseconds away: what counts is how often that time is waited for.</summary>
internal sealed class AwayRun(Sizes sizes, Samples samples, Profile profile, Origin origin) : IRun
{
    private const int Crowd = 64;

    // The reference waits for each piece of 128 KiB: its rate shows in few bytes.
    private readonly long _fewBytes = sizes.SequentialBytes / 8;
    private readonly HashSet<int> _started = [];

    public Group Group => Group.Away;

    public bool IsOnce => false;

    public IReadOnlyList<(string Name, Func<Task> RunAsync)> Parts =>
    [
        ("plain download", DownloadAsync),
        Part(Variant.OneThread, async (session, delay) =>
        {
            // The start takes it long, and another C daemon is far quicker: once shows that.
            var mount = _started.Add(delay) ? await ReadTraceAsync(session, Variant.OneThread, delay) : await session.MountAsync(Paths.Away(delay));
            await ReadSequentialAsync(session, Variant.OneThread, mount, delay, _fewBytes);
        }),
        Part(Variant.Ours, async (session, delay) =>
        {
            var mount = await ReadTraceAsync(session, Variant.Ours, delay);
            await ReadCrowdAsync(session, Variant.Ours, mount, delay, sizes.Away);
            await ReadSequentialAsync(session, Variant.Ours, mount, delay, sizes.SequentialBytes);
        }),
        Part(Variant.FourThreads, async (session, delay) =>
            await ReadCrowdAsync(session, Variant.FourThreads, await session.MountAsync(Paths.Away(delay)), delay, sizes.Away / 4)),
        Part(Variant.Widening, async (session, delay) =>
        {
            var mount = await ReadTraceAsync(session, Variant.Widening, delay);
            await ReadSequentialAsync(session, Variant.Widening, mount, delay, sizes.SequentialBytes);
        }),
        Part(Variant.Around, async (session, delay) => await ReadTraceAsync(session, Variant.Around, delay)),
        Part(Variant.Replaying, async (session, delay) =>
        {
            var before = await session.Daemon.StatsAsync();
            await ReadTraceAsync(session, Variant.Replaying, delay);
            samples.Add($"bytes{delay}", Variant.Replaying.Name, (await session.Daemon.StatsAsync())["bytes"] - before["bytes"]);
        }),
    ];

    /// <summary>Writes down what the start touches, with the source near.</summary>
    internal async Task RecordAsync()
    {
        await origin.SetDelayAsync(0);
        await using Session session = await Session.StartAsync(Variant.Recording, Origin.Url);
        foreach (var delay in sizes.Delays)
            await session.ReadTraceAsync(Paths.Away(delay), session.NewMount(Paths.Away(delay)), sizes.TraceSteps);
    }

    private (string Name, Func<Task> RunAsync) Part(Variant variant, Func<Session, int, Task> run) => (variant.Name, () => RunAsync(variant, run));

    private async Task RunAsync(Variant variant, Func<Session, int, Task> run)
    {
        await origin.SetDelayAsync(0);
        await using Session session = await Session.StartAsync(variant, Origin.Url);
        // It also makes the volume, which all mounts share.
        await session.ReadRandomAsync(await session.MountAsync("warm"), 1, 0, sizes.Warmup / 4);
        foreach (var delay in sizes.Delays)
        {
            await origin.SetDelayAsync(delay);
            await run(session, delay);
        }
    }

    private async Task DownloadAsync()
    {
        foreach (var delay in sizes.Delays)
        {
            await origin.SetDelayAsync(delay);
            var result = await Origin.DownloadAsync(Paths.Sequential);
            samples.Add($"sequential{delay}", "plain download", result["bytes"] / result["seconds"] / 1e6);
            profile.Add($"sequential, {delay} ms away", "MB", "plain download", result, default, result["bytes"] / 1e6);
        }
    }

    private async Task<string> ReadTraceAsync(Session session, Variant variant, int delay)
    {
        var mount = session.NewMount(Paths.Away(delay));
        Usage used = session.Daemon.Usage();
        var result = await session.ReadTraceAsync(Paths.Away(delay), mount, sizes.TraceSteps);
        profile.Add($"start of a container, {delay} ms away", "start", variant.Name, result, session.Daemon.Usage() - used, 1);
        samples.Add($"trace{delay}", variant.Name, result["seconds"]);
        samples.Add($"bytes{delay}", "bytes touched", result["touched"]);
        return mount;
    }

    private async Task ReadCrowdAsync(Session session, Variant variant, string mount, int delay, int count)
    {
        Usage used = session.Daemon.Usage();
        var result = await session.ReadRandomAsync(mount, Crowd, 0, count);
        profile.Add($"random, {Crowd} readers, {delay} ms away", "READ", variant.Name, result, session.Daemon.Usage() - used, count);
        samples.Add($"crowd{delay}", variant.Name, result["requests"] / result["seconds"]);
    }

    private async Task ReadSequentialAsync(Session session, Variant variant, string mount, int delay, long bytes)
    {
        Usage used = session.Daemon.Usage();
        var result = await session.ReadSequentialAsync(mount, bytes);
        profile.Add($"sequential, {delay} ms away", "MB", variant.Name, result, session.Daemon.Usage() - used, result["bytes"] / 1e6);
        samples.Add($"sequential{delay}", variant.Name, result["bytes"] / result["seconds"] / 1e6);
    }
}
