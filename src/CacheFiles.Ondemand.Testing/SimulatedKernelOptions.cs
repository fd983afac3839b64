namespace CacheFiles.Ondemand.Testing;

/// <summary>What kernel is simulated, and on what disk.</summary>
public sealed record SimulatedKernelOptions
{
    /// <summary>The kernel. Default <see cref="SimulatedKernelVersion.Linux612"/>.</summary>
    public SimulatedKernelVersion Version { get; init; } = SimulatedKernelVersion.Linux612;

    /// <summary>Where ids start, and after which requests the device wakes the daemon for nothing, as real ones do. 0, the default: ids as
    /// after a boot, and no such wake.</summary>
    public int Seed { get; init; }

    /// <summary>The size of the cache's file system in bytes, counted in pages of data. Default 1 TiB. What is left of it is held against
    /// the limits that the daemon binds with: below <c>bcull</c> the device asks for culling, below <c>bstop</c> writes fail with ENOBUFS,
    /// and where <c>bstop</c> is 0 a full disk fails them with ENOSPC.</summary>
    public long CapacityBytes { get; init; } = 1L << 40;
}
