using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Culling;

/// <summary>Short names for what the tests of culling do.</summary>
internal static class Cull
{
    internal const int MiB = 1 << 20;

    internal static ObjectKey Key(string image) => new($"erofs,{image}", image);

    /// <summary>Images of a MiB each.</summary>
    internal static MemorySource Images(params string[] names) => names.Aggregate(new MemorySource(), (source, name) => source.Add(name, MiB));

    /// <summary>Mounts an image, reads all of it and unmounts it: its object is named then.</summary>
    internal static async Task Use(this SimulatedKernel kernel, string image, int length = MiB)
    {
        SimulatedMount mount = await kernel.Mount(image);
        await mount.Verify(0, length);
        await mount.UnmountAsync(Bounded.Token);
    }

    /// <summary>What the cache has files of.</summary>
    internal static async Task<string> Cached(this Daemon daemon)
    {
        CullReport report = await Bounded.Of(daemon.Cache.CullAsync(0, dryRun: true));
        return string.Join(' ', report.Entries.Select(e => e.Path.Split('/')[^1][1..]));
    }
}
