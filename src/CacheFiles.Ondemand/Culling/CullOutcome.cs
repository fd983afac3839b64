namespace CacheFiles.Ondemand;

/// <summary>What culling did with a file of the cache, or would do.</summary>
public enum CullOutcome
{
    /// <summary>It was not needed: enough was removed before it.</summary>
    Kept,

    /// <summary>It was removed; in a dry run: it would be.</summary>
    Culled,

    /// <summary>Its object is open.</summary>
    InUse,

    /// <summary>Its object is pinned.</summary>
    Pinned,

    /// <summary>It was gone when its turn came.</summary>
    Gone,

    /// <summary>It is not a file of the cache, or not where the kernel puts one. It is left alone.</summary>
    Strange,
}
