using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>What the disk of the cache lacks: the kernel wants some of it to be free, and writes that it has refused are to fit.</summary>
internal sealed class DiskRoom(ICacheDisk disk, CullLimits limits)
{
    private readonly object _lock = new();
    private volatile bool _scarce;
    private long _refused;
    private int _complaints;

    /// <summary>Whether something is lacking: then nothing is fetched ahead.</summary>
    internal bool IsScarce => _scarce;

    /// <summary>The kernel wants room (POLLOUT).</summary>
    internal void KernelWants() => Complain(0);

    /// <summary>The kernel did not take a write.</summary>
    internal void Refused(long bytes) => Complain(bytes);

    /// <summary>How much has to be culled until nothing is lacking.</summary>
    internal (long Bytes, long Files) Missing()
    {
        long refused;
        lock (_lock)
        {
            if (!_scarce)
                return (0, 0);
            refused = _refused;
        }
        FileSystemSpace space = disk.GetSpace();
        var wanted = Math.Max(Share(space.TotalBytes, limits.RunBlocksPercent), Share(space.TotalBytes, limits.StopBlocksPercent) + refused);
        return (Math.Max(0, wanted - space.FreeBytes), Math.Max(0, Share(space.TotalFiles, limits.RunFilesPercent) - space.FreeFiles));
    }

    /// <summary>Where nothing is missing, and nobody has complained while that was found out, there is room again.</summary>
    internal void Settle()
    {
        int complaints;
        lock (_lock)
            complaints = _complaints;
        if (Missing() != (0, 0))
            return;
        lock (_lock)
        {
            if (complaints != _complaints)
                return;
            _scarce = false;
            _refused = 0;
        }
    }

    /// <summary>Whether a write of so many bytes fits, as far as is known.</summary>
    internal bool Has(long bytes)
    {
        if (!_scarce)
            return true;
        FileSystemSpace space = disk.GetSpace();
        return space.FreeBytes - bytes >= Share(space.TotalBytes, limits.StopBlocksPercent);
    }

    private void Complain(long refused)
    {
        lock (_lock)
        {
            _complaints++;
            _refused = Math.Max(_refused, refused);
            _scarce = true;
        }
    }

    // The kernel counts hundredths of the whole, rounded down, and wants more than that. A file system without a number of files has no limit of them.
    private static long Share(long total, int percent) => total == 0 ? 0 : (total / 100 * percent) + 1;
}
