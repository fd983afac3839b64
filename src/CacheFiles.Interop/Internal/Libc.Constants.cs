namespace CacheFiles.Interop.Internal;

// Same value on every architecture that .NET runs on; O_* flags that differ between them are not used.
internal static partial class Libc
{
    private const string Name = "libc";

    internal const int O_RDWR = 2;
    internal const int O_CLOEXEC = 0x80000;

    internal const int F_GETFD = 1;
    internal const int F_SETFD = 2;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int FD_CLOEXEC = 1;

    internal const int SEEK_END = 2;
    internal const int SEEK_DATA = 3;
    internal const int SEEK_HOLE = 4;

    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_MOD = 3;
    internal const uint EPOLLIN = 0x1;
    internal const uint EPOLLOUT = 0x4;
    internal const uint EPOLLERR = 0x8;
    internal const uint EPOLLHUP = 0x10;
    internal const uint EPOLLET = 0x80000000;

    internal const int CLONE_FS = 0x200;

    internal const int SOL_SOCKET = 1;
    internal const int SO_PEERCRED = 17;
    internal const int SCM_RIGHTS = 1;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;

    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const nint UTIME_NOW = 0x3FFFFFFF;
    internal const nint UTIME_OMIT = 0x3FFFFFFE;
    internal const uint STATX_TYPE = 0x1;
    internal const uint STATX_BASIC_STATS = 0x7FF;
    internal const int S_IFMT = 0xF000;
    internal const int S_IFCHR = 0x2000;
    internal const int S_IFDIR = 0x4000;
    internal const int S_IFREG = 0x8000;

    internal const uint MS_RDONLY = 1;

    internal const nint SYS_fsopen = 430;
    internal const nint SYS_fsconfig = 431;
    internal const int FSOPEN_CLOEXEC = 1;
    internal const int FSCONFIG_SET_STRING = 1;
    internal const int FSCONFIG_CMD_CREATE = 6;
}
