using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Which error number a mount gets for an exception: the one table.</summary>
internal static class ErrorMap
{
    internal static Errno ToErrno(Exception exception) => exception switch
    {
        ErrnoException e when e.Errno is > 0 and <= (Errno)4095 => e.Errno,
        FileNotFoundException or DirectoryNotFoundException => Errno.ENOENT,
        UnauthorizedAccessException => Errno.EACCES,
        TimeoutException => Errno.ETIMEDOUT,
        OperationCanceledException => Errno.ECANCELED,
        OutOfMemoryException => Errno.ENOMEM,
        _ => Errno.EIO,
    };
}
