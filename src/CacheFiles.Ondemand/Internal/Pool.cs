namespace CacheFiles.Ondemand.Internal;

/// <summary>Objects that are used again. It keeps as many as were ever in use at once.</summary>
/// <remarks>One is kept before the stack and its lock: a thread that takes and returns one at a time pays no lock.</remarks>
internal sealed class Pool<T>(Func<T> make)
    where T : class
{
    private readonly Stack<T> _free = new();
    private T? _spare;

    internal T Rent()
    {
        if (_spare is not null && Interlocked.Exchange(ref _spare, null) is { } spare)
            return spare;
        lock (_free)
        {
            if (_free.TryPop(out T? item))
                return item;
        }
        return make();
    }

    internal void Return(T item)
    {
        if (_spare is null && Interlocked.CompareExchange(ref _spare, item, null) is null)
            return;
        lock (_free)
            _free.Push(item);
    }
}
