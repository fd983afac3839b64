namespace CacheFiles.Interop;

/// <summary>The constants of <c>&lt;linux/cachefiles.h&gt;</c>, under their C names.</summary>
/// <remarks>Taken from Linux 6.1; unchanged up to the last kernel that has the on-demand mode. A test compiles each of them against the header with gcc.</remarks>
public static class CacheFilesUapi
{
    /// <summary>The largest message that the kernel sends, in bytes. A buffer of this size never gets EMSGSIZE.</summary>
    public const int CACHEFILES_MSG_MAX_SIZE = 1024;

    /// <summary>An object is opened: the message carries its keys and an anonymous fd, and <c>copen</c> answers it.</summary>
    public const uint CACHEFILES_OP_OPEN = 0;

    /// <summary>An object is closed. There is no answer.</summary>
    public const uint CACHEFILES_OP_CLOSE = 1;

    /// <summary>A reader waits for a range: write it, then <see cref="CACHEFILES_IOC_READ_COMPLETE"/>.</summary>
    public const uint CACHEFILES_OP_READ = 2;

    /// <summary>The ioctl that releases the reader of a READ: <c>_IOW(0x98, 1, int)</c>. Its argument is the message id by value, not a pointer.</summary>
    public const uint CACHEFILES_IOC_READ_COMPLETE = 0x40049801;
}
