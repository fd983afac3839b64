using System.Net;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples.Tests.Snippets;

internal static class ServeHttp
{
    internal static async Task RunAsync(OndemandCache cache, CancellationToken stopping)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),   // follow DNS
            AutomaticDecompression = DecompressionMethods.None,   // the default, and needed
        });
        var source = new HttpRangeFetcher(client, [new Uri("https://a.example/images/"), new Uri("https://b.example/images/")]);
        await cache.ServeAsync(source, stopping);
    }

    internal static IRangeFetcher Verify(IRangeFetcher http)
    {
        ChunkDigests digests = ChunkDigests.Parse(File.OpenText("blob.sha256"));
        var source = new VerifyingRangeFetcher(http, key => key.CookieText == "blob" ? digests : null);
        return source;
    }
}
