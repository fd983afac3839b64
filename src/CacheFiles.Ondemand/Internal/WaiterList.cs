namespace CacheFiles.Ondemand.Internal;

/// <summary>The READs of an object that are not answered, the oldest first. Guarded by the object.</summary>
/// <remarks>Who takes a READ out answers it: nobody else will.</remarks>
internal sealed class WaiterList
{
    private Waiter? _first;
    private Waiter? _last;

    /// <summary>Whether there is none. Right at some moment, without the lock.</summary>
    internal bool IsEmpty => Volatile.Read(ref _first) is null;

    internal void Add(Waiter waiter)
    {
        waiter.Previous = _last;
        waiter.Next = null;
        waiter.IsTaken = false;
        if (_last is null)
            _first = waiter;
        else
            _last.Next = waiter;
        _last = waiter;
    }

    /// <summary>Takes one out.</summary>
    /// <returns>False where somebody else did.</returns>
    internal bool TryTake(Waiter waiter)
    {
        if (waiter.IsTaken)
            return false;
        waiter.IsTaken = true;
        if (waiter.Previous is null)
            _first = waiter.Next;
        else
            waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null)
            _last = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        waiter.Previous = waiter.Next = null;
        return true;
    }

    /// <summary>Takes the oldest out, if its deadline is not later than a time.</summary>
    internal Waiter? TryTakeDue(long time)
    {
        if (_first is not { } waiter || waiter.Deadline > time)
            return null;
        TryTake(waiter);
        return waiter;
    }
}
