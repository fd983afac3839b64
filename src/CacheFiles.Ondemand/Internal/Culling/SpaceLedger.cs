namespace CacheFiles.Ondemand.Internal;

/// <summary>What the cache takes and will take, held against its budget: whoever fetches reserves first.</summary>
/// <remarks>It may count too much, never too little: the next inventory sets it right.</remarks>
internal sealed class SpaceLedger(long? budget)
{
    private readonly long _budget = budget ?? long.MaxValue;
    private long _cached;
    private long _reserved;
    private long _refused;
    private bool _known = budget is null;
    private bool _exhausted;

    /// <summary>Whether there is a budget; else nothing is counted.</summary>
    internal bool IsKept { get; } = budget is not null;

    /// <summary>Whether all that is left of the cache cannot be culled, and is over the budget.</summary>
    internal bool IsExhausted
    {
        get
        {
            lock (this)
                return _exhausted;
        }
    }

    // Culling begins a little before the budget is used up, so that readers seldom wait for it, and goes a little further than it must.
    private long HighWater => _budget - (_budget / 16);

    private long LowWater => _budget - (_budget / 8);

    /// <summary>Reserves room for what is to be fetched.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="isAwaited">Whether a reader waits for it: then it is let through where culling cannot help.</param>
    internal bool TryReserve(long bytes, bool isAwaited)
    {
        if (!IsKept)
            return true;
        lock (this)
        {
            if (!_known || (_cached + _reserved + bytes > _budget && !(isAwaited && _exhausted)))
            {
                _refused = Math.Max(_refused, bytes);
                return false;
            }
            _reserved += bytes;
            return true;
        }
    }

    /// <summary>What was reserved is written, or will not be.</summary>
    internal void Release(long bytes)
    {
        lock (this)
            _reserved -= bytes;
    }

    /// <summary>Bytes have come into the cache.</summary>
    /// <returns>Whether it is time to cull.</returns>
    internal bool Wrote(long bytes)
    {
        if (!IsKept)
            return false;
        lock (this)
        {
            _cached += bytes;
            return _cached + _reserved > HighWater;
        }
    }

    /// <summary>An inventory begins.</summary>
    /// <returns>What is to be given to <see cref="Count"/>.</returns>
    internal long Begin()
    {
        lock (this)
            return _cached;
    }

    /// <summary>An inventory has ended.</summary>
    /// <param name="before">What <see cref="Begin"/> gave.</param>
    /// <param name="counted">Bytes that were found.</param>
    /// <returns>Bytes that are to be culled.</returns>
    internal long Count(long before, long counted)
    {
        lock (this)
        {
            _cached = counted + (_cached - before);
            _known = true;
            var level = _cached + _reserved + _refused;
            return IsKept && level > HighWater ? level - LowWater : 0;
        }
    }

    /// <summary>A pass has ended.</summary>
    /// <param name="freed">Bytes that it culled.</param>
    internal void Conclude(long freed)
    {
        lock (this)
        {
            _cached -= freed;
            _exhausted = IsKept && _cached + _reserved + _refused > _budget;
            _refused = 0;
        }
    }
}
