namespace CacheFiles.Ondemand.Internal;

/// <summary>Bounds the fetches that run at once, in number and in bytes of buffers. Those that come later wait in line, by kind.</summary>
/// <remarks>What readers wait for goes before everything else, and what is fetched ahead never takes more than a half of the room: so a
/// reader does not wait for it, however much of it there is.</remarks>
internal sealed class FetchGate
{
    private readonly Lane _reads;
    private readonly Lane _ahead;
    private readonly Queue<Fetch> _readsWaiting = new();
    private readonly LinkedList<Fetch> _readAheadWaiting = new();
    private readonly LinkedList<Fetch> _prefetchWaiting = new();

    internal FetchGate(int maxCount, long maxBytes)
    {
        _reads = new Lane(maxCount, maxBytes);
        _ahead = new Lane(Math.Max(1, maxCount / 2), Math.Max(maxBytes / 2, FetchEngine.MaxBufferSize));
    }

    /// <summary>Whether nothing is being fetched.</summary>
    internal bool IsIdle => _reads.IsEmpty;

    /// <summary>Lets a fetch in, or puts it in line; it is then run on the thread pool when its turn comes.</summary>
    internal bool TryEnter(Fetch fetch)
    {
        lock (_readsWaiting)
        {
            if (IsFirst(fetch.Kind) && TryAdmit(fetch))
                return true;
            switch (fetch.Kind)
            {
                case FetchKind.Read:
                    _readsWaiting.Enqueue(fetch);
                    break;
                case FetchKind.ReadAhead:
                    _readAheadWaiting.AddLast(fetch);
                    break;
                default:
                    _prefetchWaiting.AddLast(fetch);
                    break;
            }
            return false;
        }
    }

    /// <summary>A reader has come to want what a fetch in line brings: it goes to where readers wait.</summary>
    internal void Promote(Fetch fetch)
    {
        lock (_readsWaiting)
        {
            if (!_readAheadWaiting.Remove(fetch) && !_prefetchWaiting.Remove(fetch))
                return;
            fetch.Kind = FetchKind.Read;
            _readsWaiting.Enqueue(fetch);
            LetIn();
        }
    }

    /// <summary>Gives the place of a fetch to the next ones. Doing so again changes nothing.</summary>
    internal void Leave(Fetch fetch)
    {
        lock (_readsWaiting)
        {
            if (fetch.AdmittedTo is not { } kind)
                return;
            fetch.AdmittedTo = null;
            _reads.Leave(fetch.Writer.BufferSize);
            if (kind != FetchKind.Read)
                _ahead.Leave(fetch.Writer.BufferSize);
            LetIn();
        }
    }

    private void LetIn()
    {
        while (_readsWaiting.TryPeek(out Fetch? next) && TryAdmit(next))
            Run(_readsWaiting.Dequeue());
        LetIn(_readAheadWaiting);
        LetIn(_prefetchWaiting);
    }

    private void LetIn(LinkedList<Fetch> waiting)
    {
        while (waiting.First is { } next && IsFirst(next.Value.Kind) && TryAdmit(next.Value))
        {
            waiting.RemoveFirst();
            Run(next.Value);
        }
    }

    private bool IsFirst(FetchKind kind) => _readsWaiting.Count == 0 && (kind != FetchKind.Prefetch || _readAheadWaiting.Count == 0);

    private bool TryAdmit(Fetch fetch)
    {
        var isAhead = fetch.Kind != FetchKind.Read;
        if (!_reads.HasRoom(fetch.Writer.BufferSize) || (isAhead && !_ahead.HasRoom(fetch.Writer.BufferSize)))
            return false;
        _reads.Enter(fetch.Writer.BufferSize);
        if (isAhead)
            _ahead.Enter(fetch.Writer.BufferSize);
        fetch.AdmittedTo = fetch.Kind;
        return true;
    }

    private static void Run(Fetch fetch) => ThreadPool.UnsafeQueueUserWorkItem(fetch, preferLocal: false);

    /// <summary>A number of fetches and their bytes. One fetch always has room, so that a bound below its size cannot stop everything.</summary>
    private sealed class Lane(int maxCount, long maxBytes)
    {
        private volatile int _count;
        private long _bytes;

        internal bool IsEmpty => _count == 0;

        internal bool HasRoom(int bytes) => _count < maxCount && (_count == 0 || _bytes + bytes <= maxBytes);

        internal void Enter(int bytes)
        {
            _count++;
            _bytes += bytes;
        }

        internal void Leave(int bytes)
        {
            _count--;
            _bytes -= bytes;
        }
    }
}
