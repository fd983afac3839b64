namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>A response whose body goes on behind what was wanted of it: who fetches what comes next reads on, without waiting for an answer.</summary>
/// <remarks>It is kept for a short time only, as it keeps a connection busy. What the server may send meanwhile is what the connection's buffers take.</remarks>
internal sealed class ResponseTail
{
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;
    private Exchange? _exchange;

    /// <param name="exchange">The exchange, paused at the first byte of the tail. It belongs to the tail until somebody takes it.</param>
    /// <param name="end">The offset in the object where the body ends.</param>
    internal ResponseTail(Exchange exchange, long end)
    {
        End = end;
        exchange.Origin.NoteTails(1);
        _exchange = exchange;
        _timer = exchange.Options.TimeProvider.CreateTimer(static tail => ((ResponseTail)tail!).Take()?.Dispose(), this, LongestWait, Timeout.InfiniteTimeSpan);
    }

    internal long End { get; }

    /// <summary>Takes the exchange over. The caller disposes it.</summary>
    /// <returns>Null where nobody has come in time.</returns>
    internal Exchange? Take()
    {
        if (Interlocked.Exchange(ref _exchange, null) is not { } exchange)
            return null;
        // The timer that has run out while it was made is not there yet.
        _timer?.Dispose();
        exchange.Origin.NoteTails(-1);
        return exchange;
    }
}
