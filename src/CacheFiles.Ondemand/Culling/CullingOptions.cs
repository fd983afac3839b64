namespace CacheFiles.Ondemand;

/// <summary>What is removed from the cache when room is wanted. In on-demand mode nobody culls but the daemon.</summary>
/// <remarks>Objects go by their last use, the longest unused first: the file's access time, which the library sets itself when an object is
/// opened and closed, so that it is right on a <c>noatime</c> mount too. An open object is never touched.</remarks>
public sealed record CullingOptions
{
    /// <summary>Bytes that the cache may take. Null, the default: only the kernel's limits count (<see cref="OndemandOptions.Limits"/>). At least
    /// 16 MiB. It is kept by culling before fetching; only where all that could be culled is open or pinned do readers still get their bytes, beyond
    /// the budget, and the fault hook hears of it. Nothing is fetched ahead then.</summary>
    public long? BudgetBytes { get; init; }

    /// <summary>Objects that are never culled, looked up anew for each pass. Default: none.</summary>
    public IReadOnlyCollection<ObjectKey> Pinned { get; init; } = [];

    internal void Validate()
    {
        if (BudgetBytes is { } budget)
            ArgumentOutOfRangeException.ThrowIfLessThan(budget, 16L << 20, nameof(BudgetBytes));
        ArgumentNullException.ThrowIfNull(Pinned);
    }
}
