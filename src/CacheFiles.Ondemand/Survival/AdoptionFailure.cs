namespace CacheFiles.Ondemand;

/// <summary>Why a device that was open already cannot be served.</summary>
public enum AdoptionFailure
{
    /// <summary>What was kept is not the cachefiles device.</summary>
    NotTheDevice,

    /// <summary>No cache is bound on it.</summary>
    NotBound,

    /// <summary>It is bound, but with another directory, tag or device node than the options say.</summary>
    OtherCache,

    /// <summary>The kernel has given the cache up after an error on its file system.</summary>
    Dead,

    /// <summary>This kernel cannot restore requests: it is older than 6.8 and lacks the backport.</summary>
    NoRestore,
}
