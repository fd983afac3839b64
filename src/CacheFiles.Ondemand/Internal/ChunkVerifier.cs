using System.Buffers;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Takes whole chunks, and passes the asked part of each on once its digest was found right.</summary>
internal sealed class ChunkVerifier : RangeWriter
{
    private const int OverflowSize = 256;

    private readonly ChunkDigests _digests;
    private readonly RangeWriter _target;
    private byte[] _buffer;
    private ByteRange _chunk;
    private int _filled;
    private int _granted;

    /// <param name="digests">The digests of the object.</param>
    /// <param name="target">Gets the bytes from its position on.</param>
    internal ChunkVerifier(ChunkDigests digests, RangeWriter target)
    {
        _digests = digests;
        _target = target;
        _chunk = digests.ChunkAt(target.Position);
        Range = ByteRange.FromBounds(_chunk.Offset, digests.ChunkAt(target.Range.End - 1).End);
        _buffer = ArrayPool<byte>.Shared.Rent((int)_chunk.Length);
    }

    public override ByteRange Range { get; }

    public override long Position => _chunk.Offset + _filled;

    /// <summary>The chunk whose bytes were wrong. Nothing is taken after it.</summary>
    internal ByteRange? Mismatch { get; private set; }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ThrowIfWrong();
        _granted = Math.Max((int)(_chunk.Length - _filled), sizeHint);
        if (Remaining == 0)
            _granted = Math.Max(_granted, OverflowSize);
        if (_buffer.Length - _filled < _granted)
            Grow(_filled + _granted);
        return _buffer.AsMemory(_filled, _granted);
    }

    public override void Advance(int count)
    {
        if (count < 0 || count > _granted)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{_granted} bytes of memory were given.");
        ThrowIfWrong();
        if (count > Remaining)
            throw new RangeFetchException($"more bytes came than the {Range.Length} of the range {Range}");
        _granted -= count;
        _filled += count;
        while (_filled >= _chunk.Length && _chunk.Length > 0)
            PassOn();
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => _target.FlushAsync(cancellationToken);

    /// <summary>Makes sure that everything came, and gives the memory back. Not to be called where the source might still write into it: it is
    /// left to the collector then.</summary>
    internal void Complete()
    {
        ThrowIfWrong();
        if (Remaining != 0)
            throw new RangeFetchException($"{Range.Length - Remaining} bytes came of the {Range.Length} of the range {Range}");
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Grow(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void PassOn()
    {
        var length = (int)_chunk.Length;
        if (!_digests.Matches(_chunk, _buffer.AsSpan(0, length)))
        {
            Mismatch = _chunk;
            ThrowIfWrong();
        }
        Span<byte> asked = _buffer.AsSpan(0, (int)(Math.Min(_chunk.End, _target.Range.End) - _chunk.Offset))[(int)(_target.Position - _chunk.Offset)..];
        while (!asked.IsEmpty)
        {
            Span<byte> memory = _target.GetSpan();
            var count = Math.Min(memory.Length, asked.Length);
            asked[..count].CopyTo(memory);
            _target.Advance(count);
            asked = asked[count..];
        }
        _filled -= length;
        _buffer.AsSpan(length, _filled).CopyTo(_buffer);
        // Behind the last chunk of the range there is an empty one.
        _chunk = _chunk.End < Range.End ? _digests.ChunkAt(_chunk.End) : new ByteRange(_chunk.End, 0);
    }

    private void ThrowIfWrong()
    {
        if (Mismatch is { } chunk)
            throw new RangeFetchException($"the bytes {chunk} do not have the SHA-256 digest that they have to have");
    }
}
