using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing;

/// <summary>How many requests the kernel has made since it was started, whether they were read or not.</summary>
public sealed class RequestCounts
{
    private int _opens;
    private int _reads;
    private int _closes;

    internal RequestCounts()
    {
    }

    /// <summary>OPENs.</summary>
    public int Opens => Volatile.Read(ref _opens);

    /// <summary>READs.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>CLOSEs.</summary>
    public int Closes => Volatile.Read(ref _closes);

    internal void Count(uint opcode)
        => Interlocked.Increment(ref opcode == CacheFilesUapi.CACHEFILES_OP_OPEN ? ref _opens
            : ref opcode == CacheFilesUapi.CACHEFILES_OP_READ ? ref _reads : ref _closes);
}
