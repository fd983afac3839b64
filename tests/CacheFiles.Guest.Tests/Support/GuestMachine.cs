namespace CacheFiles.Guest.Tests.Support;

/// <summary>What the guest has, and where.</summary>
internal static class GuestMachine
{
    /// <summary>What keeps these tests from running here, or null.</summary>
    internal static string? Missing { get; } = Environment.GetEnvironmentVariable("CACHEFILES_GUEST") is null
        ? "needs the kernel of the guest (CACHEFILES_GUEST is not set): eng/guest-tests runs this there"
        : null;

    /// <summary>Whether this is Linux 6.1; else it is 6.12.</summary>
    internal static bool IsLinux61 { get; } = Environment.GetEnvironmentVariable("CACHEFILES_KERNEL") == "6.1";

    /// <summary>The images and lists that eng/images makes.</summary>
    internal static string Images => "/opt/images";

    /// <summary>The images and their blobs: what a daemon serves.</summary>
    internal static string Blobs => "/opt/images/blobs";

    /// <summary>The length of what a daemon serves.</summary>
    internal static long LengthOf(string blob) => new FileInfo(Path.Combine(Blobs, blob)).Length;

    /// <summary>A directory for a new cache, on the guest's own ext4.</summary>
    internal static string NewCacheDirectory() => Directory.CreateDirectory($"/cache/{Guid.NewGuid():N}").FullName;

    /// <summary>Makes the kernel forget every page that it can read again.</summary>
    internal static void DropCaches() => File.WriteAllText("/proc/sys/vm/drop_caches", "3\n");
}
