namespace CacheFiles.Ondemand.Internal;

/// <summary>The READs under way, the oldest first: for their deadlines, and to see that none is left.</summary>
internal sealed class WaiterList
{
    private Waiter? _first;
    private Waiter? _last;
    private int _count;
    private TaskCompletionSource? _empty;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Completes when none is left. Call it when no more come.</summary>
    internal Task WhenEmptyAsync()
    {
        lock (this)
        {
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
                _empty.TrySetResult();
            return _empty.Task;
        }
    }

    internal void Add(Waiter waiter)
    {
        lock (this)
        {
            waiter.Previous = _last;
            waiter.Next = null;
            if (_last is null)
                _first = waiter;
            else
                _last.Next = waiter;
            _last = waiter;
            _count++;
        }
    }

    internal void Remove(Waiter waiter)
    {
        lock (this)
        {
            if (waiter.Previous is null)
                _first = waiter.Next;
            else
                waiter.Previous.Next = waiter.Next;
            if (waiter.Next is null)
                _last = waiter.Previous;
            else
                waiter.Next.Previous = waiter.Previous;
            waiter.Previous = waiter.Next = null;
            if (--_count == 0)
                _empty?.TrySetResult();
        }
    }

    /// <summary>Those whose deadline is not later than a time. A waiter may be answered, and serve another READ, before the caller looks at
    /// it: the message id says whether it is still the same.</summary>
    internal List<(Waiter Waiter, CacheObject Object, uint MessageId)> DueAt(long time)
    {
        var due = new List<(Waiter, CacheObject, uint)>();
        lock (this)
        {
            for (Waiter? waiter = _first; waiter is not null && waiter.Deadline <= time; waiter = waiter.Next)
                due.Add((waiter, waiter.Object, waiter.MessageId));
        }
        return due;
    }
}
