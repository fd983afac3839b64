namespace CacheFiles.Ondemand.Internal;

/// <summary>The sequential readers of one object, told apart by where each will read next.</summary>
/// <remarks>
/// The kernel asks only for what is missing, so a reader that is fed well is not heard of. Each window therefore has a page that is fetched but
/// not written, half a window before its end: when the reader comes to that page the kernel asks for it, it is written from memory at
/// once, and the next window is fetched while the reader still has the other half.
/// </remarks>
internal sealed class ReadStreams
{
    private const int MaxStreams = 8;

    // Readers skip a little where metadata lies between the pieces of a file.
    private const long Gap = 64 << 10;

    // Below this a window is fetched before its half is read.
    private const long MinMarkedWindow = 512 << 10;

    private readonly Stream[] _streams = new Stream[MaxStreams];
    private int _count;
    private int _clock;

    /// <summary>Notes what a reader waits for, and says what it will want next.</summary>
    /// <param name="asked">What it waits for.</param>
    /// <param name="length">The object's length in bytes.</param>
    /// <param name="maxWindow">Bytes that are fetched ahead at most.</param>
    /// <param name="ahead">What to fetch now.</param>
    /// <param name="marker">The offset of the page in it that is to be held back, or -1.</param>
    internal bool Note(ByteRange asked, long length, long maxWindow, out ByteRange ahead, out long marker)
    {
        ahead = default;
        marker = -1;
        if (!TryFind(asked.Offset, out var index))
        {
            _streams[index] = new Stream { Position = asked.Offset, Head = asked.End, Used = ++_clock };
            return false;
        }
        ref Stream stream = ref _streams[index];
        stream.Used = ++_clock;
        stream.Position = asked.Offset;
        if (stream.Window == 0 && asked.Offset > stream.Head && !stream.HasSkipped)
        {
            // One skip may be chance: who jumps about in a small file lands behind somebody again and again.
            stream.HasSkipped = true;
            stream.Head = asked.End;
            return false;
        }
        // A source that is far away costs a round trip for each step, so there are few until the window is whole.
        stream.Window = Math.Min(maxWindow, Math.Max(4 * stream.Window, 2 * asked.Length));
        stream.Head = Math.Max(stream.Head, asked.End);
        var target = Math.Min(asked.End + stream.Window, length);
        // Many small steps would be many requests: it waits until half a window is due.
        if (target - stream.Head < stream.Window / 2 && target < length || target <= stream.Head)
            return false;
        ahead = ByteRange.FromBounds(stream.Head, target);
        if (stream.Window >= MinMarkedWindow && target < length)
            marker = Math.Max(ahead.Offset, Pages.Floor(target - stream.Window / 2));
        stream.Head = target;
        return true;
    }

    /// <summary>Finds the stream that an offset continues, or the place of a new one: a free one, else that of the stream not heard of for longest.</summary>
    private bool TryFind(long offset, out int index)
    {
        index = _count < MaxStreams ? _count : 0;
        for (var i = 0; i < _count; i++)
        {
            ref readonly Stream stream = ref _streams[i];
            if (offset > stream.Position && offset <= stream.Head + Gap)
            {
                index = i;
                return true;
            }
            if (_count == MaxStreams && stream.Used - _streams[index].Used < 0)
                index = i;
        }
        _count = Math.Min(_count + 1, MaxStreams);
        return false;
    }

    private struct Stream
    {
        /// <summary>Where the reader last was.</summary>
        internal long Position;

        /// <summary>How far it is or will be fetched.</summary>
        internal long Head;

        /// <summary>Bytes that are fetched ahead of it.</summary>
        internal long Window;

        /// <summary>Whether it has left something out before anything was fetched ahead of it.</summary>
        internal bool HasSkipped;

        internal int Used;
    }
}
