using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Where a fetcher puts its bytes: a buffer of which whole pages go to the kernel, while the rest waits for its page to be full.</summary>
/// <remarks>The buffer holds the bytes from <c>_bufferStart</c>; of them <c>_flushed</c> are written and <c>_filled</c> have come. Used by
/// one thread at a time.</remarks>
internal sealed class FetchWriter(Fetch fetch, PageBufferPool buffers) : RangeWriter
{
    private const int MaxSizeHint = 64 << 10;
    private static readonly byte[] s_overflow = new byte[256];
    private PageBuffer? _buffer;
    private ByteRange _range;
    private long _bufferStart;
    private int _filled;
    private int _flushed;
    private int _granted;

    public override ByteRange Range => _range;

    public override long Position => _bufferStart + _filled;

    /// <summary>Bytes of buffer that it holds.</summary>
    internal int BufferSize { get; private set; }

    /// <summary>The kernel's refusal of a write, if that is what ended the fetch.</summary>
    internal ErrnoException? WriteFailure { get; private set; }

    internal void Begin(ByteRange range)
    {
        _range = range;
        _bufferStart = range.Offset;
        _filled = _flushed = _granted = 0;
        WriteFailure = null;
        BufferSize = PageBufferPool.SizeFor(Math.Min(range.Length, FetchEngine.MaxBufferSize));
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeHint, MaxSizeHint);
        fetch.ThrowIfRevoked();
        var remaining = Remaining;
        if (remaining == 0)
        {
            _granted = Math.Max(sizeHint, s_overflow.Length);
            return sizeHint <= s_overflow.Length ? s_overflow : new byte[sizeHint];
        }
        PageBuffer buffer = _buffer ??= buffers.Rent(BufferSize);
        if (_filled == buffer.Size || sizeHint > buffer.Size - _filled)
            buffer = MakeRoom(sizeHint);
        _granted = (int)Math.Min(buffer.Size - _filled, Math.Max(remaining, sizeHint));
        return buffer.Memory.Slice(_filled, _granted);
    }

    public override void Advance(int count)
    {
        if (count < 0 || count > _granted)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{_granted} bytes of memory were given.");
        fetch.ThrowIfRevoked();
        if (count > Remaining)
            throw new RangeFetchException($"more bytes came than the {_range.Length} of the range {_range}");
        _granted -= count;
        _filled += count;
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        fetch.ThrowIfRevoked();
        var position = Position;
        if (_buffer is { } buffer && (_filled == buffer.Size || position == _range.End || position >= fetch.NextTarget))
            WriteOut();
        return default;
    }

    /// <summary>Writes what is buffered, once the fetcher has delivered everything.</summary>
    internal void Complete()
    {
        if (Remaining != 0)
            throw new RangeFetchException($"{_range.Length - Remaining} bytes came of the {_range.Length} of the range {_range}");
        if (_filled > _flushed)
            WriteOut();
    }

    /// <summary>Gives the buffer back. Not to be called where the fetcher might still write into it.</summary>
    internal void ReturnBuffer()
    {
        if (_buffer is { } buffer)
            buffers.Return(buffer);
        _buffer = null;
    }

    /// <summary>Leaves the buffer to the collector.</summary>
    internal void DropBuffer() => _buffer = null;

    private void WriteOut()
    {
        if (_buffer is not { } buffer)
            return;
        var atEnd = Position == _range.End;
        var end = atEnd ? PadLastPage(buffer) : Pages.Floor(_filled);
        if (end > _flushed)
        {
            if (TryHold(buffer, end, out var held))
            {
                Write(buffer, _flushed, held);
                Write(buffer, held + Pages.Size, end);
            }
            else
            {
                Write(buffer, _flushed, end);
            }
            _flushed = end;
            fetch.Progress(Math.Min(_bufferStart + end, _range.End));
        }
        if (_flushed == buffer.Size && _filled == buffer.Size)
        {
            _bufferStart += buffer.Size;
            _filled = _flushed = 0;
        }
    }

    private void Write(PageBuffer buffer, int start, int end)
    {
        if (start == end)
            return;
        Errno error = fetch.Object.File.WriteAt(buffer.Memory.Span[start..end], _bufferStart + start);
        if (error != Errno.None)
            throw WriteFailure = CacheWriteError.Create(error, end - start, _bufferStart + start);
        fetch.Wrote(end - start);
    }

    /// <summary>Holds the marked page back, where it is among the bytes that are to be written and no READ has come to want it.</summary>
    private bool TryHold(PageBuffer buffer, int end, out int position)
    {
        position = 0;
        if (fetch.Marker < 0)
            return false;
        lock (fetch.Object)
        {
            var marker = fetch.Marker;
            position = (int)(marker - _bufferStart);
            if (marker < 0 || position < _flushed || position >= end)
                return false;
            PageBuffer page = buffers.Rent(Pages.Size);
            buffer.Memory.Slice(position, Pages.Size).CopyTo(page.Memory);
            // Counted now: it is written as soon as a reader wants it, or at CLOSE.
            fetch.Wrote(Pages.Size);
            fetch.Object.Hold(new HeldPage(marker, page, _range.End - marker));
            fetch.Marker = -1;
            return true;
        }
    }

    /// <summary>The kernel takes whole blocks: the rest of the object's last page is zeros.</summary>
    private int PadLastPage(PageBuffer buffer)
    {
        var end = Pages.Ceiling(_filled);
        if (end > _filled)
            buffer.Memory.Span[_filled..end].Clear();
        return end;
    }

    private PageBuffer MakeRoom(int sizeHint)
    {
        WriteOut();
        PageBuffer buffer = _buffer!;
        if (_filled < buffer.Size && sizeHint <= buffer.Size - _filled)
            return buffer;
        // Only the unfinished page moves.
        var rest = _filled - _flushed;
        PageBuffer roomy = buffers.Rent(Math.Max(buffer.Size, rest + sizeHint));
        buffer.Memory[_flushed.._filled].CopyTo(roomy.Memory);
        buffers.Return(buffer);
        _bufferStart += _flushed;
        (_filled, _flushed) = (rest, 0);
        return _buffer = roomy;
    }
}
