namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>One base URL, and how it has done lately.</summary>
internal sealed class Mirror(int index, Uri baseUri, TimeProvider time)
{
    private static readonly TimeSpan s_longestDoubt = TimeSpan.FromMinutes(1);

    private readonly object _health = new();
    private int _failures;
    private long _doubtedUntil = long.MinValue;
    private long _restsUntil = long.MinValue;

    internal int Index => index;

    internal ulong Bit => 1UL << index;

    internal Uri BaseUri => baseUri;

    internal LatencyWindow Latency { get; } = new();

    /// <summary>How much longer others are preferred, after failures.</summary>
    internal TimeSpan Doubt => Until(ref _doubtedUntil);

    /// <summary>How much longer it is not to be asked at all, as it said itself.</summary>
    internal TimeSpan Rest => Until(ref _restsUntil);

    internal void NoteSuccess()
    {
        lock (_health)
        {
            _failures = 0;
            _doubtedUntil = long.MinValue;
        }
    }

    /// <summary>Prefers others for a second, and twice as long for each further failure in a row; and leaves it alone for as long as it
    /// asked for.</summary>
    /// <param name="failure">What it failed with.</param>
    /// <param name="longestRest">The most that it gets.</param>
    internal void NoteFailure(AttemptFailure failure, TimeSpan longestRest)
    {
        lock (_health)
        {
            if (failure.Kind == FailureKind.Transient)
                Doubted();
            if (failure.RetryAfter is { } rest)
                _restsUntil = Math.Max(_restsUntil, After(rest < longestRest ? rest : longestRest));
        }
    }

    /// <summary>Prefers others as after a failure: its bytes were wrong.</summary>
    internal void NoteWrongBytes()
    {
        lock (_health)
            Doubted();
    }

    private void Doubted()
    {
        var doubt = TimeSpan.FromSeconds(1L << Math.Min(_failures++, 6));
        _doubtedUntil = After(doubt < s_longestDoubt ? doubt : s_longestDoubt);
    }

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    private TimeSpan Until(ref long timestamp)
    {
        var until = Volatile.Read(ref timestamp);
        var now = time.GetTimestamp();
        return until > now ? time.GetElapsedTime(now, until) : TimeSpan.Zero;
    }
}
