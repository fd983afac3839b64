namespace CacheFiles.Interop;

/// <summary>The error numbers of Linux that this device and its callers meet, under their C names.</summary>
/// <remarks>The values are those of <c>&lt;asm-generic/errno.h&gt;</c> (x86, arm64, riscv). Any other number may appear as a plain value.</remarks>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Not permitted: opening the device needs CAP_SYS_ADMIN.</summary>
    EPERM = 1,

    /// <summary>No such file or directory.</summary>
    ENOENT = 2,

    /// <summary>Interrupted by a signal. Never leaves this library: the call is made again.</summary>
    EINTR = 4,

    /// <summary>Input/output error: what a reader gets for a READ that was completed without data.</summary>
    EIO = 5,

    /// <summary>No such device, or no more data/holes behind the offset.</summary>
    ENXIO = 6,

    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,

    /// <summary>Try again.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Busy: somebody holds the device, the cache is bound already, or the object is in use.</summary>
    EBUSY = 16,

    /// <summary>Exists already.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Not a directory.</summary>
    ENOTDIR = 20,

    /// <summary>Invalid argument: the device's answer to nearly every mistake.</summary>
    EINVAL = 22,

    /// <summary>Too many files open in the system.</summary>
    ENFILE = 23,

    /// <summary>Too many files open in this process.</summary>
    EMFILE = 24,

    /// <summary>Not a terminal: this fd does not know the ioctl.</summary>
    ENOTTY = 25,

    /// <summary>No space left on the device.</summary>
    ENOSPC = 28,

    /// <summary>Illegal seek.</summary>
    ESPIPE = 29,

    /// <summary>The file system is mounted read-only.</summary>
    EROFS = 30,

    /// <summary>Broken pipe: the other end of a socket is closed.</summary>
    EPIPE = 32,

    /// <summary>Out of range.</summary>
    ERANGE = 34,

    /// <summary>File name too long.</summary>
    ENAMETOOLONG = 36,

    /// <summary>No data.</summary>
    ENODATA = 61,

    /// <summary>The fd was closed before its OPEN was answered.</summary>
    EBADFD = 77,

    /// <summary>Not a socket.</summary>
    ENOTSOCK = 88,

    /// <summary>The buffer is shorter than the message. The message stays queued.</summary>
    EMSGSIZE = 90,

    /// <summary>Not supported.</summary>
    EOPNOTSUPP = 95,

    /// <summary>The other end of a connection is gone.</summary>
    ECONNRESET = 104,

    /// <summary>No buffer space: what cachefiles answers where it cannot cache (no space, no file, cache dead).</summary>
    ENOBUFS = 105,

    /// <summary>Timed out.</summary>
    ETIMEDOUT = 110,

    /// <summary>Nobody listens there.</summary>
    ECONNREFUSED = 111,

    /// <summary>Stale handle.</summary>
    ESTALE = 116,

    /// <summary>Cancelled.</summary>
    ECANCELED = 125,
}
