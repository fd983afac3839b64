using CacheFiles.Bench.Machine;
using CacheFiles.Bench.Results;

namespace CacheFiles.Bench.Runs;

/// <summary>Very many objects are open: what each costs, and what that does to a READ.</summary>
internal sealed class ObjectsRun(Sizes sizes, Samples samples) : IRun
{
    private const string Image = "many";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    public Group Group => Group.Objects;

    public bool IsOnce => true;

    public IReadOnlyList<(string Name, Func<Task> RunAsync)> Parts =>
    [
        (Variant.OneThread.Name, () => RunAsync(Variant.OneThread)),
        (Variant.Ours.Name, () => RunAsync(Variant.Ours)),
    ];

    private async Task RunAsync(Variant variant)
    {
        if (!Directory.Exists(Paths.ManyBlobs))
            await ManyObjects.MakeAsync(Paths.ManyBlobs, Image, sizes.Objects);
        await using Session session = await Session.StartAsync(variant, Paths.ManyBlobs);
        var mount = await session.MountAsync("local");
        await session.ReadRandomAsync(mount, 1, 0, sizes.Warmup);
        var before = variant.IsOurs ? await session.Daemon.StatsAsync() : null;
        await session.MountAsync(Image);
        await AllOpenAsync(session.Daemon, before);
        if (before is not null)
            samples.Add("objects/memory", variant.Name, ((await session.Daemon.StatsAsync())["live"] - before["live"]) / sizes.Objects);
        var result = await session.ReadRandomAsync(mount, 1, sizes.Warmup, sizes.Single);
        samples.Add("objects/p50", variant.Name, result["p50_us"]);
    }

    /// <summary>Waits until the daemon has opened what the mount names, which does not wait for that itself.</summary>
    private async Task AllOpenAsync(DaemonProcess daemon, IReadOnlyDictionary<string, double>? before)
    {
        for (var deadline = DateTime.UtcNow + s_limit; DateTime.UtcNow < deadline; await Task.Delay(s_look))
        {
            // The daemons in C do not tell; they open each object as they read its OPEN.
            var open = before is null ? daemon.OpenFiles : (await daemon.StatsAsync())["open"] - before["open"];
            if (open >= sizes.Objects)
                return;
        }
        throw new BenchException($"the daemon has not opened {sizes.Objects} objects within {s_limit}");
    }
}
