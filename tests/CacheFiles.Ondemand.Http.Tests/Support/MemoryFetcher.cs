using System.Collections.Concurrent;

namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>A fetcher over sources in memory: the first whole one that is not to be avoided delivers.</summary>
internal sealed class MemoryFetcher(params byte[][] sources) : IRangeFetcher
{
    /// <summary>The ranges that were asked for, in their order.</summary>
    public ConcurrentQueue<ByteRange> Asked { get; } = new();

    /// <summary>Bytes that are delivered at once; 0 for as many as the writer takes.</summary>
    public int PieceSize { get; init; }

    /// <summary>Bytes that come too much, or with a minus too few.</summary>
    public int Surplus { get; init; }

    public int Closed { get; private set; }

    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken) => new(sources[0].Length);

    public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        => DeliverAsync(sources[0], range, writer, cancellationToken);

    public void ObjectClosed(ObjectKey key) => Closed++;

    private async ValueTask DeliverAsync(byte[] source, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        Assert.Equal(range, writer.Range);
        Asked.Enqueue(range);
        for (long position = range.Offset, end = range.End + Surplus; position < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
            Assert.Equal(position, writer.Position);
            Memory<byte> memory = writer.GetMemory(PieceSize);
            var count = (int)Math.Min(PieceSize == 0 ? memory.Length : PieceSize, end - position);
            for (var i = 0; i < count; i++)
                memory.Span[i] = position + i < source.Length ? source[position + i] : (byte)0;
            writer.Advance(count);
            await writer.FlushAsync(cancellationToken);
            position += count;
        }
    }

    /// <summary>The same as a fetcher that knows to take another source.</summary>
    public IRangeFetcher WithChoice() => new Choosing(this, sources);

    private sealed class Choosing(MemoryFetcher plain, byte[][] sources) : IRangeFetcher, IRetryElsewhere
    {
        public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken) => plain.GetLengthAsync(key, cancellationToken);

        public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
            => throw new InvalidOperationException("It can choose, and was not told.");

        public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, SourceChoice choice, CancellationToken cancellationToken)
        {
            var source = Enumerable.Range(0, sources.Length).FirstOrDefault(i => (choice.Avoid >> i & 1) == 0);
            choice.Used |= 1UL << source;
            return plain.DeliverAsync(sources[source], range, writer, cancellationToken);
        }
    }
}
