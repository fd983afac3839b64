namespace CacheFiles.Ondemand.Internal;

/// <summary>A cache that is being served: its pump, its engine, and the prefetches that outlive a process.</summary>
/// <param name="session">The cache.</param>
/// <param name="keeper">Who hears how far it is.</param>
/// <param name="ledger">The record of prefetches, where a keeper keeps one.</param>
internal sealed class Serving(Session session, KeeperLink keeper, PrefetchLedger? ledger) : IDisposable
{
    private volatile ServeSink? _sink;

    /// <summary>How many threads read the device. Readers want processors too, and threads that write to one object wait for each other: docs/performance.md.</summary>
    internal static int PumpThreads => Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>Serves until one of two tokens fires or the device fails, drains, and closes the device.</summary>
    internal async Task RunAsync(IRangeFetcher fetcher, CancellationToken first, CancellationToken second)
    {
        using var sink = new ServeSink(session, fetcher) { Opened = GoOn };
        using var pump = new RequestPump(session, sink, PumpThreads);
        _sink = sink;
        try
        {
            pump.Start();
            await keeper.ServingAsync().ConfigureAwait(false);
            await pump.RunAsync(first, second).ConfigureAwait(false);
        }
        finally
        {
            _sink = null;
            await EndAsync(pump, sink).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches ranges of an open object before they are asked for.</summary>
    /// <exception cref="InvalidOperationException">The object is not open, or nothing is served.</exception>
    internal Task<PrefetchProgress> PrefetchAsync(ObjectKey key, PrefetchOptions options, CancellationToken cancellationToken)
    {
        ServeSink sink = _sink ?? throw new InvalidOperationException("The cache is not being served.");
        return ledger is null
            ? sink.PrefetchAsync(key, options, cancellationToken)
            : ledger.TrackAsync(new RunningPrefetch(key, options), () => sink.PrefetchAsync(key, options, cancellationToken));
    }

    public void Dispose() => ledger?.Dispose();

    private async Task EndAsync(RequestPump pump, ServeSink sink)
    {
        pump.Stop();
        await pump.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (keeper.IsKept)
        {
            session.IsLeaving = true;
            await keeper.StoppingAsync().ConfigureAwait(false);
        }
        var left = await sink.DrainAsync(session.IsLeaving ? session.Options.HandOverTimeout : session.Options.DrainTimeout).ConfigureAwait(false);
        if (session.IsLeaving)
        {
            await session.CloseObjectsAsync().ConfigureAwait(false);
            Log.HandedOver(session.Logger, left);
        }
        session.Close();
        Log.Stopped(session.Logger);
    }

    /// <summary>An object is open again that the predecessor was prefetching.</summary>
    private void GoOn(ObjectKey key)
    {
        foreach (RunningPrefetch prefetch in ledger?.TakeWaiting(key) ?? [])
            _ = GoOnAsync(prefetch);
    }

    private async Task GoOnAsync(RunningPrefetch prefetch)
    {
        try
        {
            await PrefetchAsync(prefetch.Key, prefetch.Options, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
        {
            // The object was closed again, or serving ends.
        }
    }
}
