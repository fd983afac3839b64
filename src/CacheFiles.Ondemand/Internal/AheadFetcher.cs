namespace CacheFiles.Ondemand.Internal;

/// <summary>Fetches what no reader waits for yet: windows ahead of readers, and prefetches.</summary>
internal sealed class AheadFetcher(Session session, FetchGate gate, Pool<Fetch> fetches, PageBufferPool buffers)
{
    /// <summary>Who sees to it that there is room.</summary>
    internal Culler Culler => session.Culler;

    /// <summary>Fetches what of a range is neither cached nor on its way.</summary>
    /// <returns>How many fetches that takes; the observer hears of each.</returns>
    internal int Fetch(CacheObject target, ByteRange range, FetchKind kind, IFetchObserver? observer)
    {
        Fetch? made;
        lock (target)
            made = target.IsClosed ? null : Plan(target, range, kind, marker: -1, observer);
        return Start(made);
    }

    /// <summary>Plans what of a range is neither cached nor on its way. Called under the object's lock; what comes back is to be started.</summary>
    internal Fetch? Plan(CacheObject target, ByteRange range, FetchKind kind, long marker, IFetchObserver? observer)
    {
        Fetch? first = null, last = null;
        var end = range.End >= target.Length ? target.Length : Math.Min(Pages.Ceiling(range.End), target.Length);
        for (var start = Pages.Floor(range.Offset); target.TryFindMissing(start, end, out ByteRange missing); start = missing.End)
        {
            // A prefetch has reserved before it came here: it can wait.
            var reserved = kind == FetchKind.ReadAhead ? missing.Length : 0;
            if (reserved > 0 && !session.Culler.TryReserveAhead(reserved))
                break;
            Fetch fetch = fetches.Rent();
            var isMarked = marker >= missing.Offset && marker + Pages.Size <= missing.End;
            fetch.BeginAhead(target, missing, kind, isMarked ? marker : -1, observer);
            fetch.Reserve(reserved);
            observer?.FetchMade();
            target.Add(fetch);
            if (last is null)
                first = fetch;
            else
                last.NextNew = fetch;
            last = fetch;
        }
        return first;
    }

    /// <summary>Starts what was planned.</summary>
    /// <returns>How many fetches that are.</returns>
    internal int Start(Fetch? made)
    {
        var count = 0;
        for (Fetch? next; made is not null; made = next)
        {
            next = made.NextNew;
            count++;
            if (gate.TryEnter(made))
                ThreadPool.UnsafeQueueUserWorkItem(made, preferLocal: false);
        }
        return count;
    }

    /// <summary>Writes the pages that are held back, while the object still takes them.</summary>
    internal void ReleaseHeld(CacheObject target)
    {
        while (true)
        {
            lock (target)
            {
                if (!target.TryTakeHeld(new ByteRange(0, long.MaxValue), out HeldPage held))
                    return;
                // Its reader never came this far.
                Telemetry.AheadUnread(held.UnreadBytes);
                // Where the kernel does not take it the page is fetched again when it is wanted.
                target.File.WriteAt(held.Buffer.Memory.Span, held.Offset);
                buffers.Return(held.Buffer);
            }
        }
    }

    /// <summary>What is fetched ahead has no reader whose deadline would end it.</summary>
    /// <param name="begunBefore">What was begun before is over: <see cref="Environment.TickCount64"/>.</param>
    /// <param name="abandon">Gives a fetch up.</param>
    internal void Expire(long begunBefore, Action<Fetch> abandon)
    {
        if (gate.IsIdle)
            return;
        var revoked = new List<Fetch>();
        foreach (CacheObject target in session.OpenObjects)
        {
            lock (target)
                target.RevokeAhead(begunBefore, revoked);
        }
        foreach (Fetch fetch in revoked)
        {
            session.Report(new OndemandFault(FaultSource.Deadline, $"a range was not fetched ahead within {session.Options.RequestDeadline}", fetch.Object.Key, fetch.Range));
            abandon(fetch);
        }
    }
}
