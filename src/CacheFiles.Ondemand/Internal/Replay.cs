namespace CacheFiles.Ondemand.Internal;

/// <summary>Fetches what a trace says as soon as an object is opened.</summary>
internal sealed class Replay(AccessTrace trace)
{
    // A start-up touches many small ranges: the source's latency is paid for all of them at once.
    private const int ConcurrentPieces = 32;

    private readonly ILookup<ObjectKey, ByteRange> _ranges = trace.Entries.ToLookup(e => e.Key, e => e.Range);

    internal async Task RunAsync(AheadFetcher ahead, CacheObject target, CancellationToken cancellationToken)
    {
        ByteRange[] ranges = [.. _ranges[target.Key]];
        if (ranges.Length == 0)
            return;
        lock (target)
            target.Replays++;
        try
        {
            var options = new PrefetchOptions { Ranges = ranges, MaxConcurrentPieces = ConcurrentPieces };
            using var prefetch = new Prefetch(ahead, target, options);
            await prefetch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
        finally
        {
            lock (target)
                target.Replays--;
        }
    }
}
