namespace CacheFiles.Ondemand.Internal;

/// <summary>An open object.</summary>
/// <remarks>The object itself is the lock of its fetches and of the READs that wait for them.</remarks>
internal sealed class CacheObject(uint id, ObjectKey key, long length, IKernelObject file)
{
    private volatile bool _closed;
    private volatile bool _lengthUnknown;
    private ReadStreams? _streams;
    private List<HeldPage>? _held;
    private RecentRanges? _recent;
    private RecentBlocks? _recentAhead;

    internal uint Id { get; } = id;

    internal ObjectKey Key { get; } = key;

    /// <summary>The length in bytes that the OPEN was answered with.</summary>
    internal long Length { get; private set; } = length;

    /// <summary>Whether the length is that of the object. Else it is that of its file, in whole pages, and nothing may be fetched.</summary>
    internal bool IsLengthKnown
    {
        get => !_lengthUnknown;
        init => _lengthUnknown = !value;
    }

    internal IKernelObject File { get; } = file;

    /// <summary>The OPEN that it was opened by.</summary>
    internal uint OpenId { get; init; }

    /// <summary>The fetches under way, in no order. Guarded by this object.</summary>
    internal Fetch? Fetches { get; set; }

    internal bool IsClosed => _closed;

    /// <summary>The READs that are not answered. Guarded by this object.</summary>
    internal WaiterList Waiters { get; } = new();

    /// <summary>The readers that read on. Guarded by this object.</summary>
    internal ReadStreams Streams => _streams ??= new ReadStreams();

    /// <summary>How many know better than the streams what will be read. Guarded by this object.</summary>
    internal int Replays { get; set; }

    /// <summary>The length is to be had after all.</summary>
    internal void Learn(long objectLength)
    {
        Length = objectLength;
        _lengthUnknown = false;
    }

    internal void Add(Fetch fetch)
    {
        fetch.NextOfObject = Fetches;
        Fetches = fetch;
    }

    /// <summary>Takes out a fetch that has ended.</summary>
    internal void Remove(Fetch fetch)
    {
        if (fetch.Written > fetch.Range.Offset && fetch.Owner is null)
            AddAhead(ByteRange.FromBounds(fetch.Range.Offset, fetch.Written), Environment.TickCount64);
        else if (fetch.Written > fetch.Range.Offset)
            (_recent ??= new RecentRanges()).Add(ByteRange.FromBounds(fetch.Range.Offset, fetch.Written));
        if (Fetches == fetch)
        {
            Fetches = fetch.NextOfObject;
        }
        else
        {
            Fetch before = Fetches!;
            while (before.NextOfObject != fetch)
                before = before.NextOfObject!;
            before.NextOfObject = fetch.NextOfObject;
        }
        fetch.NextOfObject = null;
    }

    /// <summary>Finds the fetch that brings the byte at a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="end">How far the caller wants to know.</param>
    /// <param name="pieceEnd">How far that fetch goes; or, where there is none, how far there is none.</param>
    internal Fetch? FindFetch(long position, long end, out long pieceEnd)
    {
        pieceEnd = end;
        for (Fetch? fetch = Fetches; fetch is not null; fetch = fetch.NextOfObject)
        {
            if (fetch.Range.Offset > position)
            {
                pieceEnd = Math.Min(pieceEnd, fetch.Range.Offset);
            }
            else if (fetch.Range.End > position)
            {
                pieceEnd = Math.Min(end, fetch.Range.End);
                return fetch;
            }
        }
        return null;
    }

    /// <summary>Whether a part of a range may be cached although the kernel has asked for it, which it does only for what is missing: what came
    /// since, or what a predecessor brought before it ended. Asking the kernel each time would cost a READ a call that waits for whoever
    /// writes to the object.</summary>
    /// <param name="messageId">The READ. One that is older than the object's OPEN was asked of a predecessor.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="end">The end.</param>
    internal bool MayBeCached(uint messageId, long start, long end)
        => (int)(messageId - OpenId) < 0 || _recent?.Overlap(start, end) == true || _recentAhead?.MayOverlap(start, end, Environment.TickCount64) == true;

    /// <summary>Whether the byte at a position is cached.</summary>
    /// <param name="position">The position.</param>
    /// <param name="end">How far the caller wants to know; then how far the answer holds.</param>
    internal bool IsCached(long position, ref long end)
    {
        // One call where nothing has come in between, as is the rule.
        var data = Pages.Floor(File.SeekData(position));
        var cached = data == position;
        var edge = cached ? Pages.Floor(File.SeekHole(position)) : data;
        if (edge > position)
            end = Math.Min(end, edge);
        return cached && edge > position;
    }

    /// <summary>How many bytes are cached; whole pages.</summary>
    internal long CountCached()
    {
        var bytes = 0L;
        for (var start = File.SeekData(0); start >= 0;)
        {
            var end = File.SeekHole(start);
            if (end <= start)
                break;
            bytes += end - start;
            start = File.SeekData(end);
        }
        return bytes;
    }

    /// <summary>Takes a READ out of every fetch; gives those for which nobody waits any more, taken out and revoked. What was begun ahead may go on
    /// without it for as long as a READ may take.</summary>
    internal void Leave(Waiter waiter, long startedBefore, List<Fetch> revoked)
    {
        Fetch? next;
        for (Fetch? fetch = Fetches; fetch is not null; fetch = next)
        {
            next = fetch.NextOfObject;
            fetch.RemoveDependent(waiter);
            var isAhead = fetch.Owner is null && (fetch.StartedAt == 0 || fetch.StartedAt >= startedBefore);
            if (fetch.HasDependents || isAhead)
                continue;
            Remove(fetch);
            fetch.Revoke();
            revoked.Add(fetch);
        }
    }

    /// <summary>Keeps a page that was fetched and is not to be written yet.</summary>
    internal void Hold(HeldPage page) => (_held ??= []).Add(page);

    /// <summary>Takes a page out that is held back in a range; the caller writes it.</summary>
    internal bool TryTakeHeld(ByteRange range, out HeldPage page)
    {
        page = default;
        var index = FindHeld(range.Offset, range.End);
        if (index < 0)
            return false;
        page = _held![index];
        _held.RemoveAt(index);
        return true;
    }

    /// <summary>Finds the next bytes in a range that are neither cached nor held back nor on their way.</summary>
    internal bool TryFindMissing(long start, long end, out ByteRange missing)
    {
        while (start < end)
        {
            var hole = File.SeekHole(start);
            if (hole < 0 || hole >= end)
                break;
            var data = File.SeekData(hole);
            var holeEnd = data < 0 ? end : Math.Min(end, data);
            if (FindFetch(hole, holeEnd, out var pieceEnd) is not null)
            {
                start = pieceEnd;
                continue;
            }
            if (FindHeld(hole, pieceEnd) is >= 0 and var index)
            {
                var held = _held![index].Offset;
                if (held == hole)
                {
                    start = hole + Pages.Size;
                    continue;
                }
                pieceEnd = held;
            }
            missing = ByteRange.FromBounds(hole, pieceEnd);
            return true;
        }
        missing = default;
        return false;
    }

    /// <summary>Gives up what is fetched ahead for too long and what nobody waits for.</summary>
    internal void RevokeAhead(long startedBefore, List<Fetch> revoked)
    {
        Fetch? next;
        for (Fetch? fetch = Fetches; fetch is not null; fetch = next)
        {
            next = fetch.NextOfObject;
            if (fetch.Owner is not null || fetch.HasDependents || fetch.StartedAt == 0 || fetch.StartedAt >= startedBefore)
                continue;
            Remove(fetch);
            fetch.Revoke();
            revoked.Add(fetch);
        }
    }

    /// <summary>No fetch may begin any more.</summary>
    internal void MarkClosed() => _closed = true;

    /// <summary>Closes the descriptor. A call that is under way on it ends first.</summary>
    internal void Close()
    {
        MarkClosed();
        File.Dispose();
    }

    private void AddAhead(ByteRange range, long now) => (_recentAhead ??= new RecentBlocks(now)).Add(range, now);

    // A predicate would be an allocation for each READ.
    private int FindHeld(long start, long end)
    {
        for (var i = 0; i < (_held?.Count ?? 0); i++)
        {
            if (_held![i].Offset >= start && _held[i].Offset < end)
                return i;
        }
        return -1;
    }
}
