namespace CacheFiles.Ondemand;

/// <summary>A request of the kernel, as <see cref="OndemandCache.ReadRequestsAsync"/> gives it.</summary>
/// <remarks>It is answered exactly once. Disposing one that was not answered refuses it; a request that is dropped without either keeps a
/// task in the kernel waiting until the cache is stopped.</remarks>
public abstract class OndemandRequest : IDisposable
{
    private int _answered;

    private protected OndemandRequest(uint messageId, uint objectId, ObjectKey? key)
    {
        MessageId = messageId;
        ObjectId = objectId;
        Key = key;
    }

    /// <summary>The kernel's id of the request. It is used again after the answer.</summary>
    public uint MessageId { get; }

    /// <summary>The kernel's id of the object, from its OPEN to its CLOSE.</summary>
    public uint ObjectId { get; }

    /// <summary>The object; null in a CLOSE of an object that was refused.</summary>
    public ObjectKey? Key { get; }

    /// <summary>Refuses the request if it was not answered.</summary>
    public void Dispose()
    {
        if (TryAnswer())
            Refuse();
        GC.SuppressFinalize(this);
    }

    /// <summary>Leaves the request to a successor. From then on it counts as answered.</summary>
    internal virtual void Leave() => TryAnswer();

    private protected abstract void Refuse();

    private protected bool TryAnswer() => Interlocked.Exchange(ref _answered, 1) == 0;

    private protected void Answer()
    {
        if (!TryAnswer())
            throw new InvalidOperationException("The request was answered already.");
    }
}
