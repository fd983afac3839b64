using CacheFiles.Ondemand;

namespace CacheFiles.Tests.Shared;

/// <summary>A writer in memory that keeps what was written, and fails where a fetcher breaks the contract.</summary>
internal sealed class RecordingWriter(ByteRange range, int pieceSize = 16 << 10) : RangeWriter
{
    private readonly byte[] _written = new byte[range.Length];
    private readonly List<(long Position, TaskCompletionSource Reached)> _watchers = [];
    private byte[] _granted = [];
    private int _users;
    private bool _dirty;
    private volatile bool _closed;

    public override ByteRange Range => range;

    public override long Position => range.Offset + Count;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _written.AsSpan(0, Count);

    /// <summary>Called with the position before each flush returns.</summary>
    public Func<long, ValueTask>? OnFlush { get; init; }

    /// <summary>Whether each piece of memory has to be flushed before the next is taken; else several may be, where they came at once.</summary>
    public bool FlushesEachPiece { get; init; } = true;

    private int Count { get; set; }

    public override Memory<byte> GetMemory(int sizeHint = 0) => Exclusively(() =>
    {
        Assert.False(_dirty && FlushesEachPiece, "A piece was not flushed before the next one.");
        // A fresh piece each time: what is put into an old one later goes nowhere.
        _granted = new byte[Math.Max(Remaining == 0 ? 256 : (int)Math.Min(Remaining, pieceSize), sizeHint)];
        return _granted.AsMemory();
    });

    public override void Advance(int count) => Exclusively(() =>
    {
        Assert.InRange(count, 0, _granted.Length);
        if (count > Remaining)
            throw new RangeFetchException("more bytes came than the range has");
        _granted.AsSpan(0, count).CopyTo(_written.AsSpan(Count));
        _granted = [];
        Count += count;
        _dirty = true;
        return count;
    });

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Exclusively(() => _dirty = false);
        lock (_watchers)
        {
            foreach ((var _, TaskCompletionSource reached) in _watchers.Where(watcher => watcher.Position <= Position))
                reached.TrySetResult();
        }
        if (OnFlush is not null)
            await OnFlush(Position);
    }

    /// <summary>Completes when everything before a position is written and flushed.</summary>
    public Task ReachedAsync(long position)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_watchers)
        {
            _watchers.Add((position, reached));
            if (!_dirty && Position >= position)
                reached.TrySetResult();
        }
        return reached.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The fetch has ended: whoever still writes is at fault.</summary>
    public void Close() => _closed = true;

    private T Exclusively<T>(Func<T> act)
    {
        Assert.False(_closed, "The writer was used after the fetch had ended.");
        Assert.True(Interlocked.Increment(ref _users) == 1, "Two threads use the writer at once.");
        try
        {
            return act();
        }
        finally
        {
            Interlocked.Decrement(ref _users);
        }
    }
}
