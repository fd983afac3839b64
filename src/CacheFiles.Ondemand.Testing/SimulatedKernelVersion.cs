namespace CacheFiles.Ondemand.Testing;

/// <summary>Which kernel is simulated: where two differ, this decides.</summary>
public enum SimulatedKernelVersion
{
    /// <summary>Linux 6.1: a write to an offset inside a page goes silently to the page's start, and a mount whose blob is refused fails with
    /// EIO.</summary>
    Linux61,

    /// <summary>Linux 6.12: such a write is refused with ENOBUFS, and so is the mount of a refused blob.</summary>
    Linux612,
}
