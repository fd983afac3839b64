using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Gets the bytes that READs ask for, each once, and releases every reader as soon as its own are there.</summary>
/// <remarks>What a READ needs is the <see cref="ReadPlanner"/>'s to say, and how it ends that of <see cref="ActiveReads"/>; the engine runs
/// the fetches between them.</remarks>
internal sealed class FetchEngine : IDisposable
{
    /// <summary>Bytes of buffer that one fetch holds at most.</summary>
    internal const int MaxBufferSize = 1 << 20;

    private readonly Session _session;
    private readonly IRangeFetcher _fetcher;
    private readonly FetchGate _gate;
    private readonly Pool<Fetch> _fetchPool;
    private readonly ReadPlanner _planner;
    private readonly ActiveReads _reads;
    private readonly long _maxWindow;
    private readonly long _around;

    internal FetchEngine(Session session, IRangeFetcher fetcher)
    {
        _session = session;
        _fetcher = fetcher;
        _fetchPool = new Pool<Fetch>(() => new Fetch(this));
        // What is recorded is what readers ask for.
        if (session.Options.Recorder is null)
            (_maxWindow, _around) = (session.Options.MaxReadAheadBytes, session.Options.FetchAroundBytes);
        _gate = new FetchGate(session.Options.MaxConcurrentFetches, session.Options.MaxBufferedBytes);
        Ahead = new AheadFetcher(session, _gate, _fetchPool, Buffers);
        _planner = new ReadPlanner(_gate, _fetchPool, Buffers);
        _reads = new ActiveReads(session, this);
    }

    internal int ActiveReads => _reads.Count;

    internal Culler Culler => _session.Culler;

    internal AheadFetcher Ahead { get; }

    internal PageBufferPool Buffers { get; } = new();

    /// <summary>Takes a READ on.</summary>
    /// <returns>What serves it.</returns>
    internal IThreadPoolWorkItem Read(CacheObject target, uint messageId, ByteRange range) => _reads.Begin(target, messageId, range);

    /// <summary>Finds out what a READ waits for, and starts what nobody fetches yet.</summary>
    internal void Start(Waiter waiter)
    {
        Telemetry.Begun(waiter.ReceivedAt);
        CacheObject target = waiter.Object;
        Fetch? made = null, ahead = null;
        bool answered;
        lock (target)
        {
            if (waiter.IsTaken)
                return;
            if (!target.IsClosed)
            {
                var wroteHeld = _planner.WriteHeld(target, waiter.Range);
                // It is started again when there is room.
                if (!_session.Culler.TryReserve(waiter))
                    return;
                made = _planner.Plan(waiter, wroteHeld);
                if (!waiter.Retried && waiter.Range.Length > 0 && target.Replays == 0)
                    ahead = PlanAhead(target, waiter.Range);
            }
            answered = waiter.Pending == 0;
        }
        if (answered)
            _reads.Settle(waiter);
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
        List<Waiter> complete = TakenReads.Rent();
        List<Waiter>? incomplete;
        lock (fetch.Object)
            incomplete = fetch.Settle(written, complete);
        _reads.Release(complete);
        incomplete?.ForEach(_reads.Settle);
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
        // ENOBUFS is also what an object without a file gives: the kernel has let go of it.
        if (fetch.Writer.WriteFailure is { Errno: Errno.ENOSPC or Errno.ENOBUFS } refused && fetch.Object.File.FileSize >= 0)
        {
            failure = new CacheFullException(refused);
            _session.Culler.DiskFull(fetch.Range.End - fetch.Written);
        }
        Telemetry.Fetched(fetch.Kind, fetch.Range.Length - fetch.Writer.Remaining);
        fetch.EndActivity(failure);
        List<Waiter>? incomplete = null;
        bool revoked;
        lock (fetch.Object)
        {
            revoked = fetch.IsRevoked;
            if (!revoked)
            {
                fetch.Object.Remove(fetch);
                if (failure is not null)
                    incomplete = fetch.Fail(failure);
            }
        }
        _gate.Leave(fetch);
        _session.Culler.Release(fetch.TakeReserved());
        if (failure is not (null or CacheFullException) && !revoked)
            ReportFailure(fetch, failure);
        if (!revoked)
            fetch.Observer?.FetchEnded(fetch.Range, failure);
        incomplete?.ForEach(_reads.Settle);
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
                fetch.Revoke();
                revoked.Add(fetch);
            }
            target.Fetches = null;
            target.MarkClosed();
            while (target.Waiters.TryTakeDue(long.MaxValue) is { } waiter)
                waiting.Add(waiter);
        }
        _reads.ReleaseClosed(waiting);
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

    /// <summary>Gives up a fetch that nobody waits for. It may go on for ever: its place is free, its buffer is not used again.</summary>
    internal void Abandon(Fetch fetch)
    {
        _gate.Leave(fetch);
        _session.Culler.Release(fetch.TakeReserved());
        fetch.Observer?.FetchEnded(fetch.Range, new OperationCanceledException("Nobody waits for this range any more."));
        Background.Cancel(fetch.Cancellation);
    }

    /// <summary>Completes when no READ is under way. Call it when no more come.</summary>
    internal Task DrainAsync() => _reads.WhenNoneAsync();

    public void Dispose() => _reads.Dispose();

    /// <summary>Plans what a READ's reader may want next. Called under the object's lock, when its own fetches are planned.</summary>
    private Fetch? PlanAhead(CacheObject target, ByteRange asked)
    {
        if (_maxWindow > 0 && target.Streams.Note(asked, target.Length, _maxWindow, out ByteRange window, out var marker))
            return Ahead.Plan(target, window, FetchKind.ReadAhead, marker, null);
        if (_around == 0)
            return null;
        var start = asked.Offset - asked.Offset % _around;
        var last = asked.End - 1 - (asked.End - 1) % _around;
        var end = last > target.Length - _around ? target.Length : last + _around;
        return Ahead.Plan(target, ByteRange.FromBounds(start, end), FetchKind.ReadAhead, marker: -1, null);
    }

    private void ReportFailure(Fetch fetch, Exception failure)
    {
        if (failure is OperationCanceledException && fetch.Cancellation.IsCancellationRequested)
            return;
        // Without a file there is nobody who reads: the kernel has let go of the object, and its CLOSE is on the way.
        if (fetch.Writer.WriteFailure is not null && fetch.Object.File.FileSize < 0)
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
