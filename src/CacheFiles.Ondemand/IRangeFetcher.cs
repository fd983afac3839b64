namespace CacheFiles.Ondemand;

/// <summary>Where the bytes come from: the one thing that a daemon has to supply.</summary>
/// <remarks>
/// <para>Both methods are called concurrently, for the same object too. They may complete at once or later, on any thread; blocking inside
/// them holds up other readers for some tens of milliseconds, until the thread pool serves them, and then no more than an await does, up to the number of threads.</para>
/// <para>An exception means "failed": the reader gets EIO, or the mount fails, and the fault hook hears of it. It never ends the daemon.</para>
/// </remarks>
public interface IRangeFetcher
{
    /// <summary>Says how long an object is. Called once for each OPEN.</summary>
    /// <param name="key">The object.</param>
    /// <param name="cancellationToken">Fires when nobody waits for the answer any more.</param>
    /// <returns>The length in bytes, or null where there is no such object: the mount then fails.</returns>
    ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Delivers the bytes of a range, all of them, in order, into the writer.</summary>
    /// <param name="key">The object.</param>
    /// <param name="range">The range, inside the object. It can be larger than what the reader waits for; the reader is released as soon
    /// as its own part, which comes first, is written.</param>
    /// <param name="writer">Takes the bytes. Valid until the returned task completes.</param>
    /// <param name="cancellationToken">Fires when nobody waits for the range any more: the object was closed, the deadline passed, or the
    /// daemon stops.</param>
    /// <remarks>Delivering less than the range, or more, is a fault: what is missing stays a hole, and what is too much is not written.</remarks>
    ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Hears that the kernel has closed an object: what is held for it can be let go. It may be opened again later.</summary>
    /// <param name="key">The object.</param>
    void ObjectClosed(ObjectKey key)
    {
    }
}
