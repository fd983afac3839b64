namespace CacheFiles.Ondemand.Internal;

/// <summary>Objects that are used again. It keeps as many as were ever in use at once.</summary>
internal sealed class Pool<T>(Func<T> make)
    where T : class
{
    private readonly Stack<T> _free = new();

    internal T Rent()
    {
        lock (_free)
        {
            if (_free.TryPop(out T? item))
                return item;
        }
        return make();
    }

    internal void Return(T item)
    {
        lock (_free)
            _free.Push(item);
    }
}
