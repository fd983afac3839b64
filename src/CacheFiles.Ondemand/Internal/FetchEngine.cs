namespace CacheFiles.Ondemand.Internal;

/// <summary>Gets the bytes that READs ask for, each once, and releases every reader as soon as its own are there.</summary>
/// <remarks>
/// A READ is split into what running fetches will bring and what nobody fetches yet. The latter becomes new fetches. The READ is
/// answered when all of them have come past its range, or when one has failed and so has a second try.
/// </remarks>
internal sealed class FetchEngine : IDisposable
{
    /// <summary>Bytes of buffer that one fetch holds at most.</summary>
    internal const int MaxBufferSize = 256 << 10;

    private readonly Session _session;
    private readonly IRangeFetcher _fetcher;
    private readonly FetchGate _gate;
    private readonly WaiterList _active = new();
    private readonly Pool<Waiter> _waiterPool;
    private readonly Pool<Fetch> _fetchPool;
    private readonly DeadlineTimer _deadlines;
    private readonly AccessTraceRecorder? _recorder;
    private readonly long _maxWindow;

    internal FetchEngine(Session session, IRangeFetcher fetcher)
    {
        _session = session;
        _fetcher = fetcher;
        _waiterPool = new Pool<Waiter>(() => new Waiter(this));
        _fetchPool = new Pool<Fetch>(() => new Fetch(this));
        _recorder = session.Options.Recorder;
        _maxWindow = _recorder is null ? session.Options.MaxReadAheadBytes : 0;
        _gate = new FetchGate(session.Options.MaxConcurrentFetches, session.Options.MaxBufferedBytes);
        Ahead = new AheadFetcher(session, _gate, _fetchPool, Buffers);
        _deadlines = new DeadlineTimer(session.Options.RequestDeadline, Expire);
    }

    internal int ActiveReads => _active.Count;

    internal AheadFetcher Ahead { get; }

    internal PageBufferPool Buffers { get; } = new();

    /// <summary>Takes a READ on.</summary>
    /// <param name="target">The object.</param>
    /// <param name="messageId">The READ.</param>
    /// <param name="range">The range that the reader waits for.</param>
    /// <returns>What serves it.</returns>
    internal IThreadPoolWorkItem Read(CacheObject target, uint messageId, ByteRange range)
    {
        Waiter waiter = _waiterPool.Rent();
        var end = range.End >= target.Length ? target.Length : Math.Min(Pages.Ceiling(range.End), target.Length);
        var asked = ByteRange.FromBounds(Pages.Floor(range.Offset), end);
        // Whoever looks for its deadline may still hold it from its last life.
        lock (target)
            waiter.Begin(target, messageId, asked, _deadlines.Next());
        _active.Add(waiter);
        if (asked.Length <= 0)
            _session.Report(new OndemandFault(FaultSource.Message, $"READ {messageId} asks for nothing that the object has", target.Key, range));
        Telemetry.Asked(range.Length);
        _recorder?.Note(target.Key, waiter.Range);
        return waiter;
    }

    /// <summary>Finds out what a READ waits for, and starts what nobody fetches yet.</summary>
    internal void Start(Waiter waiter)
    {
        Telemetry.Begun(waiter.ReceivedAt);
        CacheObject target = waiter.Object;
        Fetch? made = null, ahead = null;
        bool answered;
        lock (target)
        {
            if (waiter.Answered || waiter.Object != target)
                return;
            if (!target.IsClosed)
            {
                WriteHeld(target, waiter.Range);
                made = Plan(waiter);
                if (!waiter.Retried && _maxWindow > 0 && target.Replays == 0
                    && target.Streams.Note(waiter.Range, target.Length, _maxWindow, out ByteRange window, out var marker))
                    ahead = Ahead.Plan(target, window, FetchKind.ReadAhead, marker, null);
            }
            answered = waiter.Pending == 0;
        }
        if (answered)
            Settle(waiter);
        Fetch? here = null;
        for (Fetch? next; made is not null; made = next)
        {
            // A fetch that has ended may serve another range already.
            next = made.NextNew;
            if (!_gate.TryEnter(made))
                continue;
            if (here is not null)
                ThreadPool.UnsafeQueueUserWorkItem(here, preferLocal: false);
            here = made;
        }
        Ahead.Start(ahead);
        // Last, for the fetcher may block, and others may have joined what was planned with it.
        if (here is not null)
            Run(here);
    }

    /// <summary>Calls the fetcher for a fetch that was let in.</summary>
    internal void Run(Fetch fetch)
    {
        Exception? failure = null;
        try
        {
            fetch.ThrowIfRevoked();
            if (!fetch.RunFetcher(_fetcher))
                return;
        }
        catch (Exception e)
        {
            failure = e;
        }
        Finish(fetch, failure);
    }

    /// <summary>A part of a fetch is in the cache.</summary>
    internal void Progress(Fetch fetch, long written)
    {
        List<Waiter> settled = Settled.Rent();
        lock (fetch.Object)
            fetch.Settle(written, settled);
        SettleAll(settled);
    }

    /// <summary>The fetcher has ended.</summary>
    internal void Finish(Fetch fetch, Exception? failure)
    {
        try
        {
            if (failure is null && !fetch.IsRevoked)
                fetch.Writer.Complete();
        }
        catch (Exception e)
        {
            failure = e;
        }
        Telemetry.Fetched(fetch.Kind, fetch.Range.Length - fetch.Writer.Remaining);
        fetch.EndActivity(failure);
        List<Waiter> settled = Settled.Rent();
        bool revoked;
        lock (fetch.Object)
        {
            revoked = fetch.IsRevoked;
            if (!revoked)
            {
                fetch.Object.Remove(fetch);
                if (failure is not null)
                    fetch.Fail(failure, settled);
            }
        }
        _gate.Leave(fetch);
        if (failure is not null && !revoked)
            ReportFailure(fetch, failure);
        if (!revoked)
            fetch.Observer?.FetchEnded(fetch.Range, failure);
        SettleAll(settled);
        // A fetcher that has failed may still have a read of its source under way: nothing of it is used again.
        if (failure is not null || revoked)
            fetch.Writer.DropBuffer();
        else
            Recycle(fetch);
    }

    /// <summary>Ends everything that is under way for an object that was taken out of the table, and closes it.</summary>
    internal void Close(CacheObject target)
    {
        var waiting = new List<Waiter>();
        var revoked = new List<Fetch>();
        lock (target)
        {
            for (Fetch? fetch = target.Fetches; fetch is not null; fetch = fetch.NextOfObject)
            {
                fetch.Fail(new OperationCanceledException("The object was closed."), waiting);
                fetch.Revoke();
                revoked.Add(fetch);
            }
            target.Fetches = null;
            target.MarkClosed();
        }
        foreach (Waiter waiter in waiting)
            Answer(waiter);
        Ahead.ReleaseHeld(target);
        target.Close();
        foreach (Fetch fetch in revoked)
            Abandon(fetch);
        try
        {
            _fetcher.ObjectClosed(target.Key);
        }
        catch (Exception e)
        {
            _session.Report(new OndemandFault(FaultSource.Fetch, "the fetcher failed when an object was closed", target.Key, Exception: e));
        }
    }

    /// <summary>Completes when no READ is under way. Call it when no more come.</summary>
    internal Task DrainAsync() => _active.WhenEmptyAsync();

    public void Dispose() => _deadlines.Dispose();

    /// <summary>Writes the page that a READ has come to want. Under the object's lock, so that another READ for it finds it held or cached; where
    /// the kernel does not take it, it is fetched again.</summary>
    private void WriteHeld(CacheObject target, ByteRange range)
    {
        if (!target.TryTakeHeld(range, out HeldPage held))
            return;
        target.File.WriteAt(held.Buffer.Memory.Span, held.Offset);
        Buffers.Return(held.Buffer);
    }

    private Fetch? Plan(Waiter waiter)
    {
        CacheObject target = waiter.Object;
        Fetch? made = null;
        var position = waiter.Range.Offset;
        var end = waiter.Range.End;
        while (position < end)
        {
            Fetch? fetch = target.FindFetch(position, end, out var pieceEnd);
            if (fetch is null)
            {
                if (target.IsCached(position, ref pieceEnd))
                {
                    position = pieceEnd;
                    continue;
                }
                fetch = _fetchPool.Rent();
                fetch.Begin(target, ByteRange.FromBounds(position, pieceEnd), waiter);
                target.Add(fetch);
                fetch.NextNew = made;
                made = fetch;
            }
            else
            {
                Telemetry.Joined();
                if (fetch is { AdmittedTo: null, Kind: not FetchKind.Read })
                    _gate.Promote(fetch);
            }
            if (fetch.Written < pieceEnd)
                fetch.AddDependent(waiter, pieceEnd);
            position = pieceEnd;
        }
        return made;
    }

    private void SettleAll(List<Waiter> waiters)
    {
        foreach (Waiter waiter in waiters)
            Settle(waiter);
        Settled.Return(waiters);
    }

    /// <summary>A READ waits for nothing any more: all of it came, or a part failed.</summary>
    private void Settle(Waiter waiter)
    {
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

    private void Answer(Waiter waiter)
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
        // Where a successor comes, it may have better luck.
        if (!_session.IsLeaving || (waiter.Failure is null && !target.IsClosed))
            _session.CompleteRead(target, messageId);
        Telemetry.Released(receivedAt);
        // Not before its reader is released: when none is active the device may be closed.
        _active.Remove(waiter);
        waiter.Reset();
        _waiterPool.Return(waiter);
    }

    private void Expire(long now)
    {
        if (_session.IsLeaving)
            return;
        Ahead.Expire(now, Abandon);
        foreach ((Waiter waiter, CacheObject target, var messageId) in _active.DueAt(now))
        {
            var revoked = new List<Fetch>();
            lock (target)
            {
                if (waiter.Object != target || waiter.MessageId != messageId || waiter.Answered || waiter.Deadline > now)
                    continue;
                // Not for the pool: it may still be on its way to a thread that would start it.
                waiter.Answered = true;
                target.Leave(waiter, revoked);
            }
            _session.CompleteRead(target, messageId);
            _active.Remove(waiter);
            _session.Report(new OndemandFault(FaultSource.Deadline, $"READ {messageId} was not served within {_session.Options.RequestDeadline}", target.Key, waiter.Range));
            foreach (Fetch fetch in revoked)
                Abandon(fetch);
        }
    }

    /// <summary>Gives up a fetch that nobody waits for. It may go on for ever: its place is free, its buffer is not used again.</summary>
    private void Abandon(Fetch fetch)
    {
        _gate.Leave(fetch);
        fetch.Observer?.FetchEnded(fetch.Range, new OperationCanceledException("Nobody waits for this range any more."));
        Background.Cancel(fetch.Cancellation);
    }

    private void ReportFailure(Fetch fetch, Exception failure)
    {
        if (failure is OperationCanceledException && fetch.Cancellation.IsCancellationRequested)
            return;
        _session.Report(fetch.Writer.WriteFailure is { } refused
            ? new OndemandFault(FaultSource.Write, "the kernel did not take bytes into the cache", fetch.Object.Key, fetch.Range, refused)
            : new OndemandFault(FaultSource.Fetch, "the fetch failed", fetch.Object.Key, fetch.Range, failure));
    }

    private void Recycle(Fetch fetch)
    {
        fetch.Writer.ReturnBuffer();
        fetch.Reset();
        _fetchPool.Return(fetch);
    }
}
