using System.Collections.Concurrent;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract.Support;

/// <summary>Serves blobs, and notes what is asked of it.</summary>
internal sealed class BlobSource : IRangeFetcher
{
    private readonly ConcurrentDictionary<string, Blob> _blobs = new();

    internal BlobSource(params Image[] images)
    {
        foreach (Image image in images)
            Add(image);
    }

    internal ConcurrentQueue<(string Blob, ByteRange Range)> Fetches { get; } = new();

    internal ConcurrentQueue<ObjectKey> Opens { get; } = new();

    internal ConcurrentQueue<ObjectKey> Closed { get; } = new();

    /// <summary>Runs before an OPEN is answered.</summary>
    internal Func<ObjectKey, CancellationToken, Task>? BeforeOpen { get; set; }

    /// <summary>Runs in place of a fetch; false has it done as ever.</summary>
    internal Func<Blob, ByteRange, RangeWriter, CancellationToken, Task<bool>>? InPlaceOfFetch { get; set; }

    /// <summary>Lets fetches wait at a gate: every one, or those that begin at an offset.</summary>
    internal void Hold(Gate gate, long? offset = null) => InPlaceOfFetch = async (_, range, _, cancellationToken) =>
    {
        if (offset is null || range.Offset == offset)
            await gate.Pass(cancellationToken);
        return false;
    };

    internal void Add(Image image)
    {
        foreach (Blob blob in image.Blobs)
            _blobs[blob.Text] = blob;
    }

    internal void Remove(Blob blob) => Assert.True(_blobs.TryRemove(blob.Text, out _));

    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Opens.Enqueue(key);
        if (BeforeOpen is { } before)
            await before(key, cancellationToken);
        return _blobs.TryGetValue(key.CookieText, out Blob? blob) ? blob.Length : null;
    }

    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        Blob blob = _blobs[key.CookieText];
        Fetches.Enqueue((blob.Text, range));
        if (InPlaceOfFetch is { } instead && await instead(blob, range, writer, cancellationToken))
            return;
        await DeliverAsync(blob, writer, writer.Remaining, cancellationToken);
    }

    public void ObjectClosed(ObjectKey key) => Closed.Enqueue(key);

    /// <summary>Delivers a blob's next bytes.</summary>
    internal static async Task DeliverAsync(Blob blob, RangeWriter writer, long count, CancellationToken cancellationToken = default)
    {
        for (var end = writer.Position + count; writer.Position < end;)
            await writer.WriteAsync(blob.Bytes(writer.Position, (int)Math.Min(end - writer.Position, 64 << 10)), cancellationToken);
    }
}
