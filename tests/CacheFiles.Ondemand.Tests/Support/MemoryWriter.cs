using System.Buffers;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A <see cref="RangeWriter"/> into memory, for fetchers that are tested alone.</summary>
internal sealed class MemoryWriter(ByteRange range) : RangeWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public override ByteRange Range { get; } = range;

    public override long Position => Range.Offset + _buffer.WrittenCount;

    internal ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>How often it was flushed.</summary>
    internal int Flushes { get; private set; }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Memory<byte> memory = _buffer.GetMemory(sizeHint);
        return memory[..(int)Math.Min(memory.Length, Math.Max(sizeHint, Remaining))];
    }

    public override void Advance(int count) => _buffer.Advance(count);

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Flushes++;
        return default;
    }
}
