namespace CacheFiles.Ondemand.Internal;

/// <summary>Keeps the keeper's record of the running prefetches true, and goes on with those of the predecessor.</summary>
internal sealed class PrefetchLedger(Session session, IDeviceKeeper keeper, OndemandState state) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<RunningPrefetch> _running = [];
    // The predecessor's: each begins when its object is opened, for only then can anything be written.
    private readonly List<RunningPrefetch> _waiting = [.. state.Prefetches];

    /// <summary>Runs a prefetch that is on record meanwhile. One that a hand-over ends stays there.</summary>
    internal async Task<PrefetchProgress> TrackAsync(RunningPrefetch prefetch, Func<Task<PrefetchProgress>> run)
    {
        await ChangeAsync(() => _running.Add(prefetch)).ConfigureAwait(false);
        try
        {
            return await run().ConfigureAwait(false);
        }
        finally
        {
            if (!session.IsLeaving)
                await ChangeAsync(() => _running.Remove(prefetch)).ConfigureAwait(false);
        }
    }

    /// <summary>Takes out what was being prefetched of an object that is open again.</summary>
    internal RunningPrefetch[] TakeWaiting(ObjectKey key)
    {
        lock (_running)
        {
            RunningPrefetch[] taken = [.. _waiting.Where(p => p.Key.Equals(key))];
            _waiting.RemoveAll(p => p.Key.Equals(key));
            return taken;
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task ChangeAsync(Action change)
    {
        // One after the other, so that the last word is the newest.
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            OndemandState changed;
            lock (_running)
            {
                change();
                changed = state with { Prefetches = [.. _waiting, .. _running] };
            }
            await keeper.UpdateAsync(changed, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            session.Report(new OndemandFault(FaultSource.Keeper, "the record of the running prefetches could not be kept: after a crash they would not go on", Exception: e));
        }
        finally
        {
            _turn.Release();
        }
    }
}
