namespace CacheFiles.Ondemand;

/// <summary>What is fetched before readers want it, and how gently.</summary>
public sealed record PrefetchOptions
{
    /// <summary>The ranges, in the order in which they are wanted. Default: the whole object, from its beginning.</summary>
    public IReadOnlyList<ByteRange>? Ranges { get; init; }

    /// <summary>Pieces of at most 1 MiB that are fetched at once. Default 8. At least 1. What readers wait for is not held up by them.</summary>
    public int MaxConcurrentPieces { get; init; } = 8;

    /// <summary>Bytes that are fetched in a second, on average over one second. Default 0: no limit.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>Hears after each piece, from the thread that fetched it.</summary>
    public IProgress<PrefetchProgress>? Progress { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentPieces, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxBytesPerSecond);
        foreach (ByteRange range in Ranges ?? [])
        {
            if (range.Offset < 0 || range.Length < 0 || range.Offset > long.MaxValue - range.Length)
                throw new ArgumentException($"{range} is not a range of a file.");
        }
    }
}
