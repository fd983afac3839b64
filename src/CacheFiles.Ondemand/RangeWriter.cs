using System.Buffers;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>Takes the bytes of a range in order: get memory, put bytes into it, advance; flush after each piece that came.</summary>
/// <remarks>
/// The memory is page-aligned and goes to the kernel as it is: read a socket or a file straight into it. It belongs to the writer, and
/// is valid until the next call of <see cref="Advance"/> or <see cref="FlushAsync"/>. One thread at a time.
/// </remarks>
public abstract class RangeWriter : IBufferWriter<byte>
{
    /// <summary>The range that is to be delivered.</summary>
    public abstract ByteRange Range { get; }

    /// <summary>The offset in the object where the next byte goes.</summary>
    public abstract long Position { get; }

    /// <summary>Bytes that are still to come.</summary>
    public long Remaining => Range.End - Position;

    /// <summary>Gives memory for the next bytes: never more than is still to come, except for a few bytes at the range's end that let a
    /// source that sends too much be noticed.</summary>
    /// <param name="sizeHint">Bytes that are needed at least; 0 for as many as there are. At most 64 KiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">The hint is negative, or larger.</exception>
    public abstract Memory<byte> GetMemory(int sizeHint = 0);

    /// <inheritdoc cref="GetMemory"/>
    public virtual Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Says how many bytes were put into the memory.</summary>
    /// <param name="count">Bytes.</param>
    /// <exception cref="RangeFetchException">More bytes than the range has.</exception>
    public abstract void Advance(int count);

    /// <summary>Hands the bytes on where somebody waits for them or the buffer is full; else they stay for a larger write. Call it after each
    /// piece that came from the source.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>Delivers bytes that are in memory already; they are copied.</summary>
    /// <param name="data">The next bytes of the range.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        while (!data.IsEmpty)
        {
            Memory<byte> memory = GetMemory();
            var count = Math.Min(memory.Length, data.Length);
            data[..count].CopyTo(memory);
            Advance(count);
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            data = data[count..];
        }
    }

    /// <summary>The writer as a stream that can be written, for <see cref="Stream.CopyToAsync(Stream)"/>. Disposing it does nothing.</summary>
    public Stream AsStream() => new RangeWriterStream(this);
}
