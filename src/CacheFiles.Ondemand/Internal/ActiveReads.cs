namespace CacheFiles.Ondemand.Internal;

/// <summary>The READs under way. Each is answered once: when it waits for nothing any more, or when its time is over.</summary>
internal sealed class ActiveReads : IDisposable
{
    private readonly Session _session;
    private readonly FetchEngine _engine;
    private readonly WaiterList _active = new();
    private readonly Pool<Waiter> _pool;
    private readonly DeadlineTimer _deadlines;
    private readonly AccessTraceRecorder? _recorder;

    internal ActiveReads(Session session, FetchEngine engine)
    {
        _session = session;
        _engine = engine;
        _pool = new Pool<Waiter>(() => new Waiter(engine));
        _recorder = session.Options.Recorder;
        _deadlines = new DeadlineTimer(session.Options.RequestDeadline, Expire);
    }

    internal int Count => _active.Count;

    /// <summary>Completes when none is left. Call it when no more come.</summary>
    internal Task WhenNoneAsync() => _active.WhenEmptyAsync();

    /// <summary>Takes a READ on.</summary>
    /// <param name="target">The object.</param>
    /// <param name="messageId">The READ.</param>
    /// <param name="range">The range that the reader waits for.</param>
    internal Waiter Begin(CacheObject target, uint messageId, ByteRange range)
    {
        Waiter waiter = _pool.Rent();
        var start = Pages.Floor(range.Offset);
        var end = range.End >= target.Length ? target.Length : Math.Min(Pages.Ceiling(range.End), target.Length);
        var asked = ByteRange.FromBounds(start, Math.Max(start, end));
        // Whoever looks for its deadline may still hold it from its last life.
        lock (target)
            waiter.Begin(target, messageId, asked, _deadlines.Next());
        _active.Add(waiter);
        if (asked.Length == 0)
            _session.Report(new OndemandFault(FaultSource.Message, $"READ {messageId} asks for nothing that the object has", target.Key, range));
        Telemetry.Asked(range.Length);
        _recorder?.Note(target.Key, waiter.Range);
        return waiter;
    }

    /// <summary>READs wait for nothing any more; the list is given back.</summary>
    internal void Settle(List<Waiter> waiters)
    {
        foreach (Waiter waiter in waiters)
            Settle(waiter);
        Settled.Return(waiters);
    }

    /// <summary>A READ waits for nothing any more: all of it came, or a part failed.</summary>
    internal void Settle(Waiter waiter)
    {
        if (waiter.Failure is CacheFullException full)
        {
            if (_session.Culler.TryPark(waiter))
                return;
            _session.Report(new OndemandFault(FaultSource.Write, "the kernel did not take bytes into the cache", waiter.Object.Key, waiter.Range, full.InnerException));
            Answer(waiter);
            return;
        }
        if (waiter.Failure is null || waiter.FailedOwn || waiter.Retried)
        {
            Answer(waiter);
            return;
        }
        // It had only joined a fetch that was made for somebody else: it has a try of its own.
        waiter.Retried = true;
        waiter.Failure = null;
        ThreadPool.UnsafeQueueUserWorkItem(waiter, preferLocal: false);
    }

    /// <summary>Releases the reader, whatever came.</summary>
    internal void Answer(Waiter waiter)
    {
        lock (waiter.Object)
        {
            if (waiter.Answered)
                return;
            waiter.Answered = true;
        }
        CacheObject target = waiter.Object;
        var messageId = waiter.MessageId;
        var receivedAt = waiter.ReceivedAt;
        _session.Culler.Release(waiter.Reserved);
        // Where a successor comes, it may have better luck.
        if (!_session.IsLeaving || (waiter.Failure is null && !target.IsClosed))
            _session.CompleteRead(target, messageId);
        Telemetry.Released(receivedAt);
        // Not before its reader is released: when none is active the device may be closed.
        _active.Remove(waiter);
        waiter.Reset();
        _pool.Return(waiter);
    }

    public void Dispose() => _deadlines.Dispose();

    /// <summary>Releases the readers whose time is over, and ends what is fetched ahead for too long.</summary>
    private void Expire(long now)
    {
        if (_session.IsLeaving)
            return;
        _engine.Ahead.Expire(now, _engine.Abandon);
        foreach ((Waiter waiter, CacheObject target, var messageId) in _active.DueAt(now))
        {
            var revoked = new List<Fetch>();
            lock (target)
            {
                if (waiter.Object != target || waiter.MessageId != messageId || waiter.Answered || waiter.Deadline > now)
                    continue;
                // Not for the pool: it may still be on its way to a thread that would start it.
                waiter.Answered = true;
                target.Leave(waiter, now - (long)_session.Options.RequestDeadline.TotalMilliseconds, revoked);
            }
            _session.Culler.Release(waiter.Reserved);
            _session.CompleteRead(target, messageId);
            _active.Remove(waiter);
            var why = _session.Culler.IsTight ? ": the cache has no room" : "";
            _session.Report(new OndemandFault(FaultSource.Deadline, $"READ {messageId} was not served within {_session.Options.RequestDeadline}{why}", target.Key, waiter.Range));
            foreach (Fetch fetch in revoked)
                _engine.Abandon(fetch);
        }
    }
}
