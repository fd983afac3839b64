using CacheFiles.Ondemand;

namespace CacheFiles.Samples.Tests.Snippets;

sealed class MemoryBlobs(IReadOnlyDictionary<string, byte[]> blobs) : IRangeFetcher
{
    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
        => new(blobs.TryGetValue(key.CookieText, out var blob) ? blob.Length : null);

    public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        => writer.WriteAsync(blobs[key.CookieText].AsMemory((int)range.Offset, (int)range.Length), cancellationToken);
}
