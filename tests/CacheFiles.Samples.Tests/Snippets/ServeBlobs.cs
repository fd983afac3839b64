using CacheFiles.Ondemand;

namespace CacheFiles.Samples.Tests.Snippets;

internal static class ServeBlobs
{
    internal static async Task RunAsync(IReadOnlyDictionary<string, byte[]> blobs, CancellationToken stopping)
    {
        await using var cache = OndemandCache.Bind(new() { CacheDirectory = "/var/cache/fscache" });
        await cache.ServeAsync(new MemoryBlobs(blobs), stopping);
    }
}
