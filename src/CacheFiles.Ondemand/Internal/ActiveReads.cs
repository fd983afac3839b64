namespace CacheFiles.Ondemand.Internal;

/// <summary>The READs under way. Each is answered once, by whoever takes it out of its object: when it waits for nothing any more, when its time
/// is over, or when the object is closed.</summary>
internal sealed class ActiveReads : IDisposable
{
    private readonly Session _session;
    private readonly FetchEngine _engine;
    private readonly Pool<Waiter> _pool;
    private readonly DeadlineTimer _deadlines;
    private readonly AccessTraceRecorder? _recorder;
    private TaskCompletionSource? _none;
    private int _count;
    // When there was none at a beat.
    private long _noneAt = Environment.TickCount64;

    internal ActiveReads(Session session, FetchEngine engine)
    {
        _session = session;
        _engine = engine;
        _pool = new Pool<Waiter>(() => new Waiter(engine));
        _recorder = session.Options.Recorder;
        _deadlines = new DeadlineTimer(session.Options.RequestDeadline, Expire);
    }

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Completes when none is left. Call it when no more come.</summary>
    internal Task WhenNoneAsync()
    {
        var none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Whoever ends the last one sees this, or its end is seen here.
        none = Interlocked.CompareExchange(ref _none, none, null) ?? none;
        if (Count == 0)
            none.TrySetResult();
        return none.Task;
    }

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
        waiter.Begin(target, messageId, asked, _deadlines.Next());
        Interlocked.Increment(ref _count);
        lock (target)
            target.Waiters.Add(waiter);
        if (asked.Length == 0)
            _session.Report(new OndemandFault(FaultSource.Message, $"READ {messageId} asks for nothing that the object has", target.Key, range));
        Telemetry.Asked(range.Length);
        _recorder?.Note(target.Key, asked);
        return waiter;
    }

    /// <summary>A READ waits for nothing any more: all of it came, or a part failed.</summary>
    internal void Settle(Waiter waiter)
    {
        if (waiter.Failure is CacheFullException full)
        {
            if (_session.Culler.TryPark(waiter))
                return;
            _session.Report(new OndemandFault(FaultSource.Write, "the kernel did not take bytes into the cache", waiter.Object.Key, waiter.Range, full.InnerException));
        }
        else if (waiter.Failure is not null && !waiter.FailedOwn && !waiter.Retried)
        {
            // It had only joined a fetch that was made for somebody else: it has a try of its own.
            waiter.Retried = true;
            waiter.Failure = null;
            ThreadPool.UnsafeQueueUserWorkItem(waiter, preferLocal: false);
            return;
        }
        bool taken;
        lock (waiter.Object)
            taken = waiter.Object.Waiters.TryTake(waiter);
        if (taken)
            Release(waiter);
    }

    /// <summary>Releases the readers of READs that were taken; the list is given back.</summary>
    internal void Release(List<Waiter> taken)
    {
        foreach (Waiter waiter in taken)
            Release(waiter);
        TakenReads.Return(taken);
    }

    /// <summary>Releases the readers of READs of an object that was closed.</summary>
    internal void ReleaseClosed(List<Waiter> taken)
    {
        foreach (Waiter waiter in taken)
            Complete(waiter, hasFailed: true);
    }

    public void Dispose() => _deadlines.Dispose();

    /// <summary>Releases the reader of a READ that was taken, whatever came.</summary>
    private void Release(Waiter waiter)
    {
        Complete(waiter, hasFailed: waiter.Failure is not null || waiter.Object.IsClosed);
        // Only what settled by itself is used again: any other may still be on its way to a thread that would start it.
        waiter.Reset();
        _pool.Return(waiter);
    }

    private void Complete(Waiter waiter, bool hasFailed)
    {
        _session.Culler.Release(waiter.Reserved);
        // Where a successor comes, it may have better luck.
        if (!hasFailed || !_session.IsLeaving)
            _session.CompleteRead(waiter.Object, waiter.MessageId);
        Telemetry.Released(waiter.ReceivedAt);
        // Not before its reader is released: when none is under way the device may be closed.
        if (Interlocked.Decrement(ref _count) == 0)
            Volatile.Read(ref _none)?.TrySetResult();
    }

    /// <summary>Releases the readers whose time is over, and ends what is fetched ahead for too long.</summary>
    private void Expire(long now, long begunBefore)
    {
        if (_session.IsLeaving)
            return;
        _engine.Ahead.Expire(begunBefore, _engine.Abandon);
        if (Count == 0)
            _noneAt = now;
        // What was begun since then has time left.
        if (_noneAt > begunBefore)
            return;
        foreach (CacheObject target in _session.OpenObjects)
        {
            if (!target.Waiters.IsEmpty)
                Expire(target, now, begunBefore);
        }
    }

    private void Expire(CacheObject target, long now, long begunBefore)
    {
        List<Waiter>? expired = null;
        List<Fetch>? revoked = null;
        lock (target)
        {
            while (target.Waiters.TryTakeDue(now) is { } waiter)
            {
                target.Leave(waiter, begunBefore, revoked ??= []);
                (expired ??= []).Add(waiter);
            }
        }
        if (expired is null)
            return;
        foreach (Waiter waiter in expired)
        {
            Complete(waiter, hasFailed: true);
            var why = _session.Culler.IsScarce ? ": the cache has no room" : "";
            _session.Report(new OndemandFault(FaultSource.Deadline, $"READ {waiter.MessageId} was not served within {_session.Options.RequestDeadline}{why}", target.Key, waiter.Range));
        }
        foreach (Fetch fetch in revoked!)
            _engine.Abandon(fetch);
    }
}
