namespace CacheFiles.Ondemand.Internal;

/// <summary>Sees to it that the pump goes on reading when its threads are held up by what they have read.</summary>
/// <remarks>
/// A READ is served cheapest where it was read, if that is brief; whether it is, only the fetcher knows. So the guard looks at the threads at a
/// beat: when one is serving a READ and none has begun or ended one since the last look, what is pending is read here and served by the thread
/// pool. It costs a READ two writes, and an idle machine nothing: without READs the guard sleeps.
/// </remarks>
internal sealed class PumpGuard
{
    // Long enough that a busy machine, where a thread waits for a processor, does not look like a thread that is held up.
    private const int BeatMilliseconds = 20;

    private readonly object _lock = new();
    private readonly Turn[] _turns;
    private readonly long[] _seen;
    private readonly Action _relieve;
    private volatile bool _asleep;
    private bool _stop;

    /// <param name="turns">What the pump's threads do.</param>
    /// <param name="relieve">Reads what is pending, and serves nothing itself.</param>
    internal PumpGuard(Turn[] turns, Action relieve)
    {
        _turns = turns;
        _seen = new long[turns.Length];
        _relieve = relieve;
    }

    internal void Start() => new Thread(Run) { IsBackground = true, Name = "cachefiles guard" }.Start();

    internal void Stop()
    {
        lock (_lock)
        {
            _stop = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Called when a turn has begun, behind a full fence.</summary>
    internal void Watch()
    {
        if (!_asleep)
            return;
        lock (_lock)
        {
            _asleep = false;
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        while (WaitForBeat())
        {
            if (HasChanged())
                continue;
            if (Array.Exists(_seen, Turn.IsServing))
            {
                _relieve();
                continue;
            }
            _asleep = true;
            // Whoever begins a turn sees that, or its turn is seen here.
            Interlocked.MemoryBarrier();
            if (HasChanged())
                _asleep = false;
        }
    }

    private bool WaitForBeat()
    {
        lock (_lock)
        {
            if (!_stop)
                Monitor.Wait(_lock, _asleep ? Timeout.Infinite : BeatMilliseconds);
            return !_stop;
        }
    }

    /// <summary>Whether a thread has begun or ended a turn since the last call.</summary>
    private bool HasChanged()
    {
        var changed = false;
        for (var i = 0; i < _turns.Length; i++)
        {
            var number = _turns[i].Number;
            changed |= number != _seen[i];
            _seen[i] = number;
        }
        return changed;
    }

    /// <summary>What one thread of the pump does: a number that is odd while it serves a READ, and another one for each.</summary>
    internal sealed class Turn
    {
        private long _number;

        internal long Number => Volatile.Read(ref _number);

        internal static bool IsServing(long number) => (number & 1) != 0;

        /// <summary>Begins to serve a READ, or has ended it.</summary>
        internal void Change() => Volatile.Write(ref _number, _number + 1);
    }
}
