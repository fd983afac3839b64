using System.Collections.Concurrent;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Fetches ranges of one object piece by piece, a bounded number at once.</summary>
internal sealed class Prefetch(AheadFetcher ahead, CacheObject target, PrefetchOptions options) : IDisposable
{
    private readonly Culler _culler = ahead.Culler;
    private const long PieceSize = 1 << 20;
    private const int LongestLook = 100;
    private readonly SemaphoreSlim _free = new(options.MaxConcurrentPieces);
    private readonly BandwidthLimit _bandwidth = new(options.MaxBytesPerSecond);
    private readonly List<ByteRange> _pieces = Split(options.Ranges ?? [new ByteRange(0, target.Length)], target.Length);
    private readonly ConcurrentQueue<ByteRange> _refused = new();
    private long _total;
    private long _done;
    private long _fetched;
    private long _failed;

    /// <summary>Runs to the end, or until the object is closed.</summary>
    internal async Task<PrefetchProgress> RunAsync(CancellationToken cancellationToken)
    {
        _total = _pieces.Sum(p => p.Length);
        if (!await HasFileAsync(cancellationToken).ConfigureAwait(false))
            return Progress;
        try
        {
            foreach (ByteRange piece in _pieces)
            {
                if (!await FetchAsync(piece, isAgain: false, cancellationToken).ConfigureAwait(false))
                    return Progress;
            }
            // Those that a full disk refused have one more try.
            await EndOfPiecesAsync().ConfigureAwait(false);
            while (_refused.TryDequeue(out ByteRange piece) && await FetchAsync(piece, isAgain: true, cancellationToken).ConfigureAwait(false))
            {
            }
        }
        finally
        {
            // What was started ends by itself: its bytes are wanted, and CLOSE or stop would end it.
            await EndOfPiecesAsync().ConfigureAwait(false);
        }
        return Progress;
    }

    /// <summary>The kernel makes the object's file when it has the answer to OPEN, and says nothing of it. Until then it neither tells what is
    /// cached nor takes bytes.</summary>
    /// <returns>False where the object was closed before.</returns>
    private async Task<bool> HasFileAsync(CancellationToken cancellationToken)
    {
        for (var look = 1; target.File.FileSize < 0; look = Math.Min(2 * look, LongestLook))
        {
            if (target.IsClosed)
                return false;
            await Task.Delay(look, cancellationToken).ConfigureAwait(false);
        }
        return true;
    }

    /// <returns>False where the object is closed.</returns>
    private async Task<bool> FetchAsync(ByteRange piece, bool isAgain, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        var isReserved = false;
        try
        {
            isReserved = await _culler.ReserveAheadAsync(target, piece.Length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isReserved)
                _free.Release();
        }
        if (!isReserved)
            return false;
        var observer = new Piece(this, piece, isAgain);
        var fetches = ahead.Fetch(target, piece, FetchKind.Prefetch, observer);
        observer.Leave();
        if (target.IsClosed)
            return false;
        if (fetches > 0)
            await _bandwidth.TakeAsync(piece.Length, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task EndOfPiecesAsync()
    {
        for (var i = 0; i < options.MaxConcurrentPieces; i++)
            await _free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _free.Release(options.MaxConcurrentPieces);
    }

    public void Dispose() => _free.Dispose();

    private PrefetchProgress Progress => new(
        Interlocked.Read(ref _done), _total, Interlocked.Read(ref _fetched), Interlocked.Read(ref _failed));

    private static List<ByteRange> Split(IReadOnlyList<ByteRange> ranges, long length)
    {
        var pieces = new List<ByteRange>();
        foreach (ByteRange range in Join(ranges))
        {
            var end = Math.Min(range.End, length);
            for (var start = range.Offset; start < end; start += PieceSize)
                pieces.Add(ByteRange.FromBounds(start, Math.Min(end, start + PieceSize)));
        }
        return pieces;
    }

    /// <summary>Joins ranges that follow each other without a gap: one request instead of two.</summary>
    private static IEnumerable<ByteRange> Join(IReadOnlyList<ByteRange> ranges)
    {
        if (ranges.Count == 0)
            yield break;
        ByteRange current = ranges[0];
        for (var i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].Offset == current.End)
            {
                current = ByteRange.FromBounds(current.Offset, ranges[i].End);
                continue;
            }
            yield return current;
            current = ranges[i];
        }
        yield return current;
    }

    /// <summary>One piece: it is done when the last of its fetches has ended, and whoever planned them has left.</summary>
    private sealed class Piece(Prefetch prefetch, ByteRange range, bool isAgain) : IFetchObserver
    {
        private int _users = 1;
        private volatile bool _refused;

        public void FetchMade() => Interlocked.Increment(ref _users);

        public void FetchEnded(ByteRange fetched, Exception? failure)
        {
            if (failure is CacheFullException && !isAgain)
                _refused = true;
            else
                Interlocked.Add(ref failure is null ? ref prefetch._fetched : ref prefetch._failed, fetched.Length);
            Leave();
        }

        internal void Leave()
        {
            if (Interlocked.Decrement(ref _users) > 0)
                return;
            prefetch._culler.Release(range.Length);
            if (_refused)
                prefetch._refused.Enqueue(range);
            else
                Interlocked.Add(ref prefetch._done, range.Length);
            prefetch._free.Release();
            try
            {
                prefetch.Report();
            }
            catch (Exception)
            {
                // The caller's own progress code must not end a fetch.
            }
        }
    }

    private void Report() => options.Progress?.Report(Progress);
}
