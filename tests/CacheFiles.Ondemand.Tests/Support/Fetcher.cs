namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A fetcher made of what a test gives it.</summary>
internal sealed class Fetcher(
    Func<ObjectKey, CancellationToken, ValueTask<long?>> length,
    Func<ByteRange, RangeWriter, CancellationToken, ValueTask> fetch,
    Action<ObjectKey>? closed = null) : IRangeFetcher
{
    internal Fetcher(long length, Func<ByteRange, RangeWriter, CancellationToken, ValueTask> fetch)
        : this((_, _) => new(length), fetch)
    {
    }

    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken) => length(key, cancellationToken);

    public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        => fetch(range, writer, cancellationToken);

    public void ObjectClosed(ObjectKey key) => closed?.Invoke(key);

    /// <summary>Delivers bytes of the test's content in one piece.</summary>
    internal static ValueTask Deliver(RangeWriter writer, int count)
        => writer.WriteAsync(Content.Of("image", writer.Position, count));
}
