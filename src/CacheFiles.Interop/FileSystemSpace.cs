using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>What a file system has, and what of it is free: the numbers that the kernel compares with the six limits (cachefiles_has_space).</summary>
/// <param name="totalBytes">Its size in bytes.</param>
/// <param name="freeBytes">Bytes that are free for everybody.</param>
/// <param name="totalFiles">Files that it can have; 0 where it has no such limit.</param>
/// <param name="freeFiles">Files that can still be made.</param>
public sealed class FileSystemSpace(long totalBytes, long freeBytes, long totalFiles, long freeFiles)
{
    /// <summary>Its size in bytes.</summary>
    public long TotalBytes { get; } = totalBytes;

    /// <summary>Bytes that are free for everybody; what is reserved for root is not among them.</summary>
    public long FreeBytes { get; } = freeBytes;

    /// <summary>Files that it can have; 0 where it has no such limit.</summary>
    public long TotalFiles { get; } = totalFiles;

    /// <summary>Files that can still be made.</summary>
    public long FreeFiles { get; } = freeFiles;

    /// <summary>Asks (statvfs(3)).</summary>
    /// <param name="path">Anything on the file system.</param>
    /// <exception cref="ErrnoException">ENOENT, EACCES, EIO.</exception>
    public static unsafe FileSystemSpace Of(string path)
    {
        CString.Checked(path, nameof(path));
        var status = stackalloc byte[256];
        Sys.Check(Libc.statvfs64(path, status), $"statvfs({path})");
        // f_bsize and f_frsize are longs, the counts that follow are 64 bits everywhere.
        long unit = *(nint*)(status + sizeof(nint));
        var counts = (long*)(status + (2 * sizeof(nint)));
        return new FileSystemSpace(counts[0] * unit, counts[2] * unit, counts[3], counts[4]);
    }
}
