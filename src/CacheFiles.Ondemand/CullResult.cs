namespace CacheFiles.Ondemand;

/// <summary>What became of an object that was to be culled.</summary>
public enum CullResult
{
    /// <summary>Its file is gone from the cache.</summary>
    Culled,

    /// <summary>It is open: nothing was done.</summary>
    InUse,

    /// <summary>The cache has no file of that name: it was never kept, was culled before, or will get its name at the object's CLOSE.</summary>
    NotCached,
}
