using CacheFiles.Bench.Machine;
using CacheFiles.Bench.Results;

namespace CacheFiles.Bench.Runs;

/// <summary>Very many objects are open: what each costs, and what that does to a READ.</summary>
internal sealed class ObjectsRun(Sizes sizes, Samples samples) : IRun
{
    private const string Image = "many";

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
        if (before is not null)
        {
            var after = await session.Daemon.StatsAsync();
            if (after["opens"] - before["opens"] < sizes.Objects)
                throw new BenchException($"only {after["opens"] - before["opens"]} objects are open");
            samples.Add("objects/memory", variant.Name, (after["live"] - before["live"]) / sizes.Objects);
        }
        var result = await session.ReadRandomAsync(mount, 1, sizes.Warmup, sizes.Single);
        samples.Add("objects/p50", variant.Name, result["p50_us"]);
    }
}
