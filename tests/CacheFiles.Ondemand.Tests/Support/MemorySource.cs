using System.Collections.Concurrent;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>Blobs of repeatable bytes, made up as they are read; it notes what is asked of it.</summary>
internal sealed class MemorySource : IRangeFetcher
{
    private readonly ConcurrentDictionary<string, long> _lengths = new();
    private int _running;
    private int _mostRunning;

    internal MemorySource(string? blob = null, long length = 0)
    {
        if (blob is not null)
            Add(blob, length);
    }

    internal ConcurrentQueue<(string Blob, ByteRange Range)> Fetches { get; } = new();

    internal ConcurrentQueue<string> Closed { get; } = new();

    /// <summary>How many fetches have run at once.</summary>
    internal int MostRunning => _mostRunning;

    /// <summary>Runs before a fetch delivers anything; may block its thread.</summary>
    internal Func<ByteRange, CancellationToken, Task>? Before { get; set; }

    /// <summary>Runs before each piece, with the offset where it begins.</summary>
    internal Func<long, CancellationToken, Task>? BeforePiece { get; set; }

    /// <summary>Bytes that are delivered at once.</summary>
    internal int PieceSize { get; set; } = 64 << 10;

    internal MemorySource Add(string blob, long length)
    {
        _lengths[blob] = length;
        return this;
    }

    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
        => new(_lengths.TryGetValue(key.CookieText, out var length) ? length : null);

    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        if (!_lengths.ContainsKey(key.CookieText))
            throw new FileNotFoundException(key.CookieText);
        Fetches.Enqueue((key.CookieText, range));
        var running = Interlocked.Increment(ref _running);
        for (var most = _mostRunning; most < running;)
            most = Interlocked.CompareExchange(ref _mostRunning, running, most);
        try
        {
            if (Before is { } before)
                await before(range, cancellationToken);
            while (writer.Remaining > 0)
            {
                if (BeforePiece is { } beforePiece)
                    await beforePiece(writer.Position, cancellationToken);
                Memory<byte> memory = writer.GetMemory();
                memory = memory[..(int)Math.Min(Math.Min(memory.Length, PieceSize), writer.Remaining)];
                Content.Fill(key.CookieText, writer.Position, memory.Span);
                writer.Advance(memory.Length);
                await writer.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public void ObjectClosed(ObjectKey key) => Closed.Enqueue(key.CookieText);
}
