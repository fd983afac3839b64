using System.Numerics;
using System.Runtime.CompilerServices;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>Reads an object as a task does through the page cache: window by window, and each window's holes are asked of the daemon.</summary>
internal sealed class ObjectReader(SimulatedObject target)
{
    private const int MaxWindow = 128 << 10;
    private static readonly int s_pageSize = Environment.SystemPageSize;
    private ByteRange _window;
    // Whoever has begun to read a window keeps its file: the kernel withdraws a cache only when no operation is left on it.
    private BackingFile? _file;

    /// <summary>Reads bytes.</summary>
    /// <param name="offset">The first one.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="limit">Read-ahead does not go beyond.</param>
    /// <param name="retries">Whether a page that a window did not bring is asked for once more, alone.</param>
    /// <param name="kill">Kills the reading task.</param>
    /// <returns>None, or EIO.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<Errno> ReadAsync(long offset, Memory<byte> destination, long limit, bool retries, CancellationToken kill)
    {
        Errno opened = await target.Opened.WaitAsync(kill).ConfigureAwait(false);
        if (opened != Errno.None)
            return Errno.EIO;
        while (!destination.IsEmpty)
        {
            if (offset < _window.Offset || offset >= _window.End)
                await FillWindowAsync(offset, destination.Length, limit, kill).ConfigureAwait(false);
            var copied = Copy(offset, Within(offset, destination));
            if (copied == 0 && retries)
            {
                await FillAsync(BackingFile.PageFloor(offset), BackingFile.PageFloor(offset) + s_pageSize, kill).ConfigureAwait(false);
                copied = Copy(offset, Within(offset, destination));
            }
            if (copied == 0)
                return Errno.EIO;
            offset += copied;
            destination = destination[copied..];
        }
        return Errno.None;
    }

    /// <summary>The next window: growing behind the last one, more than asked at the start of the file, and as long as asked where the reader
    /// jumped.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FillWindowAsync(long offset, int wanted, long limit, CancellationToken kill)
    {
        var start = BackingFile.PageFloor(offset);
        var length = start == _window.End && _window.Length > 0
            ? _window.Length <= s_pageSize ? 4 * s_pageSize : _window.Length * 2
            : BackingFile.PageCeiling(offset + wanted) - start;
        if (start == 0)
            length = InitialWindow(length);
        length = Math.Min(Math.Min(length, MaxWindow), Math.Max(BackingFile.PageCeiling(limit) - start, s_pageSize));
        _window = new ByteRange(start, length);
        lock (target.Kernel.Lock)
            _file = target.File;
        await FillAsync(start, start + length, kill).ConfigureAwait(false);
    }

    /// <summary>mm/readahead.c, get_init_ra_size.</summary>
    private static long InitialWindow(long wanted)
    {
        var pages = (long)BitOperations.RoundUpToPowerOf2((ulong)(wanted / s_pageSize));
        return s_pageSize * (pages <= 1 ? 4 * pages : pages <= MaxWindow / s_pageSize / 4 ? 2 * pages : MaxWindow / s_pageSize);
    }

    /// <summary>Asks the daemon for the holes of a range, one after the other, until one stays a hole.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FillAsync(long start, long end, CancellationToken kill)
    {
        while (NextHole(start, end) is { Length: > 0 } hole)
        {
            if (await AskAsync(hole, kill).ConfigureAwait(false) != Errno.None || NextHole(hole.Offset, end) is { } left && left.Offset == hole.Offset)
                return;
            start = hole.Offset;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Errno> AskAsync(ByteRange hole, CancellationToken kill)
    {
        kill.ThrowIfCancellationRequested();
        SimulatedRequest? read;
        lock (target.Kernel.Lock)
            read = target.Cache.Send(CacheFilesUapi.CACHEFILES_OP_READ, target, hole);
        if (read is null)
            return Errno.EIO;
        Errno answer;
        using (kill.UnsafeRegister(static r => Kill((SimulatedRequest)r!), read))
            answer = await read.Answer.ConfigureAwait(false);
        lock (target.Kernel.Lock)
            target.Cache.Recycle(read);
        kill.ThrowIfCancellationRequested();
        return answer;
    }

    private static void Kill(SimulatedRequest read)
    {
        lock (read.Object.Kernel.Lock)
        {
            if (read.Object.Cache.Requests.Remove(read))
                read.Complete(Errno.EINTR);
        }
    }

    private ByteRange NextHole(long start, long end)
    {
        lock (target.Kernel.Lock)
        {
            if (target.File is not { } file)
                return default;
            while (start < end && file.HasPage(start))
                start += s_pageSize;
            var data = start < end ? file.SeekData(start) : -1;
            return ByteRange.FromBounds(start, Math.Max(start, data < 0 ? end : Math.Min(end, data)));
        }
    }

    private Memory<byte> Within(long offset, Memory<byte> destination)
        => destination[..(int)Math.Min(destination.Length, _window.End - offset)];

    private int Copy(long offset, Memory<byte> destination)
    {
        lock (target.Kernel.Lock)
            return _file?.Read(offset, destination.Span) ?? 0;
    }
}
