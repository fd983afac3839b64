namespace CacheFiles.Samples;

/// <summary>How the daemons speak to a server of blobs.</summary>
internal static class Origin
{
    /// <summary>Makes a client for an <see cref="Ondemand.HttpRangeFetcher"/>; the caller disposes it.</summary>
    /// <remarks>How long a request may take is the fetcher's to say: the client's own limit would be a second timer for each.</remarks>
    internal static HttpClient NewClient()
        => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };
}
