using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What the daemon does when it is asked.</summary>
internal sealed class ControlVerbs(OndemandCache cache, MeterStore meters, Configuration configuration)
{
    internal const string Status = "status";
    internal const string Prefetch = "prefetch";
    internal const string Cull = "cull";

    /// <summary>Answers a request. What it throws is the answer too.</summary>
    internal async Task<ControlAnswer> AnswerAsync(ControlRequest request, CancellationToken cancellationToken) => request.Verb switch
    {
        Status => new ControlAnswer { Status = StatusReport.Of(await cache.ListOpenAsync().ConfigureAwait(false), meters) },
        Prefetch => new ControlAnswer { Prefetched = await PrefetchAsync(request, cancellationToken).ConfigureAwait(false) },
        Cull => new ControlAnswer { Culled = await CullAsync(request).ConfigureAwait(false) },
        _ => throw new InvalidDataException($"there is no verb '{request.Verb}': there are {Status}, {Prefetch} and {Cull}"),
    };

    private async Task<IReadOnlyList<PrefetchedBlob>> PrefetchAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        ObjectKey[] keys = [.. (await cache.ListOpenAsync().ConfigureAwait(false)).Select(o => o.Key).Where(IsMeant)];
        if (request.Name is not null && keys.Length == 0)
            throw new InvalidDataException($"no blob '{request.Name}' is open: what is mounted can be prefetched");
        // One after the other: what is named in the configuration is for all of them.
        var done = new List<PrefetchedBlob>();
        foreach (ObjectKey key in keys)
        {
            PrefetchProgress progress = await cache.PrefetchAsync(key, configuration.ToPrefetchOptions(), cancellationToken).ConfigureAwait(false);
            done.Add(new PrefetchedBlob(BlobKey.DomainOf(key), key.CookieText, progress.BytesTotal, progress.BytesDone, progress.BytesFetched, progress.BytesFailed));
        }
        return done;

        bool IsMeant(ObjectKey key)
            => (request.Name is null || request.Name == key.CookieText) && (request.Domain is null || request.Domain == BlobKey.DomainOf(key));
    }

    private async Task<CulledFiles> CullAsync(ControlRequest request)
    {
        if ((request.Name is null) == (request.Bytes is null) || request.Bytes < 0)
            throw new InvalidDataException("culling wants either the name of a blob or a number of bytes");
        if (request.Bytes is { } bytes)
        {
            CullReport report = await cache.CullAsync(bytes, request.DryRun).ConfigureAwait(false);
            return new CulledFiles(report.CachedBytes, report.FreedBytes, [.. report.Entries.Select(e => new CulledFile(e.Path, e.Bytes, e.LastUsed, e.Outcome.ToString()))]);
        }
        if (request.DryRun)
            throw new InvalidDataException("a blob that is named is culled, or open: there is nothing to try");
        ObjectKey key = BlobKey.Of(request.Name!, request.Domain);
        CullResult result = await cache.CullAsync(key).ConfigureAwait(false);
        return new CulledFiles(null, null, [new CulledFile(new ObjectPath(key).ToString(), null, null, result.ToString())]);
    }
}
