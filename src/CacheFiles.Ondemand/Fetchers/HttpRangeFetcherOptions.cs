namespace CacheFiles.Ondemand;

/// <summary>How <see cref="HttpRangeFetcher"/> asks: names, attempts, waits, hedging. Checked as a whole when a fetcher is made.</summary>
/// <remarks>Whatever these say, a fetch ends when its token fires, which for the engine's fetches is
/// <see cref="OndemandOptions.RequestDeadline"/>.</remarks>
public sealed record HttpRangeFetcherOptions
{
    internal static readonly TimeSpan LongestSpan = TimeSpan.FromHours(1);

    /// <summary>The URI of an object at a mirror; null where the key is no object there. Called for each request, concurrently, so a signed
    /// URI can be renewed. Default: the mirror's URI with the key's file name (<see cref="ObjectKey.TryGetFileName"/>), percent-encoded,
    /// behind its path; a query stays behind that.</summary>
    public Func<ObjectKey, Uri, Uri?> MapUri { get; init; } = AppendFileName;

    /// <summary>Attempts in a row that may bring no byte; after that the fetch fails. An attempt that did bring bytes starts the count anew,
    /// and the next one goes on from the byte reached. Each mirror is
    /// asked once at least, and hedges are not counted. Default 4; 1 to 100.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>How long a server may take for the first byte, and then for each further 64 KiB or the rest. After that the attempt has
    /// failed. Default 10 seconds; more than zero, at most an hour.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before a mirror is asked again for the same bytes. It doubles with each attempt in a row that brought none, and is
    /// shortened at random to something between its half and its whole. Another mirror is asked without a wait. Default 100 milliseconds;
    /// zero to an hour.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What the doubling of <see cref="RetryDelay"/> stops at. Default 5 seconds; from <see cref="RetryDelay"/> to an hour.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest <c>Retry-After</c> that is waited for. A server that asks for more is left alone for this long and asked no more
    /// for the fetch at hand. Default 20 seconds; zero to an hour.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Hedged requests that may be sent for 100 plain ones: when the first byte takes longer than it did for 95 of the mirror's
    /// last 100 responses or so, the next mirror (or the same, where there is one only) is asked too, and whichever delivers first is
    /// read. Default 5; 0, for none, to 100.</summary>
    public int HedgePercent { get; init; } = 5;

    /// <summary>Bytes that a request may ask for beyond what is wanted yet. Where four fetches and 2 MiB have followed each other, as behind a
    /// sequential reader, the next one asks for more than its range, and the one behind it reads on in the same response instead of waiting
    /// for the source's distance again. What is asked for is at most sixteen times what the reader has read so far, and is taken from the
    /// connection only when it is wanted: until then the server waits, the response for a second at most, and up to 16 of them, each with a
    /// connection of its own; allow for them in the handler's <c>MaxConnectionsPerServer</c>. With HTTP/1.1 only: over HTTP/2 the handler
    /// would take the bytes into memory. Default 64 MiB; 0 for none, at most 1 TiB.</summary>
    public long MaxAskAheadBytes { get; init; } = 64 << 20;

    /// <summary>The clock for all these times. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxAskAheadBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAskAheadBytes, 1L << 40);
        ArgumentNullException.ThrowIfNull(MapUri);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAttempts, 100);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AttemptTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AttemptTimeout, LongestSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, RetryDelay);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRetryDelay, LongestSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRetryAfter, LongestSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(HedgePercent, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HedgePercent, 100);
    }

    private static Uri? AppendFileName(ObjectKey key, Uri mirror)
    {
        if (!key.TryGetFileName(out var name))
            return null;
        var path = mirror.GetLeftPart(UriPartial.Path);
        return new Uri($"{path}{(path.EndsWith('/') ? "" : "/")}{Uri.EscapeDataString(name)}{mirror.Query}");
    }
}
