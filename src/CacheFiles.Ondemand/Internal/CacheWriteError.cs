using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The kernel's refusal to take bytes into the cache, with what can be done about it.</summary>
internal static class CacheWriteError
{
    internal static ErrnoException Create(Errno error, int length, long offset) => new(
        error,
        $"pwrite(object, {length} bytes at {offset})",
        error is Errno.ENOBUFS or Errno.ENOSPC ? "The cache's file system is full, or below the limit bstop: free space there" : null);
}
