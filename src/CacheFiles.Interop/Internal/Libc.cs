#if NET
using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Internal;

/// <summary>Every import of this library, once. <see cref="Sys"/> and the handles are its only callers.</summary>
internal static unsafe partial class Libc
{
    // int open(const char *path, int flags, ...)
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    // int close(int fd)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int close(int fd);

    // ssize_t read(int fd, void *buf, size_t count)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint read(int fd, void* buffer, nuint count);

    // ssize_t write(int fd, const void *buf, size_t count)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint write(int fd, void* buffer, nuint count);

    // ssize_t pwrite64(int fd, const void *buf, size_t count, off64_t offset)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint pwrite64(int fd, void* buffer, nuint count, long offset);

    // off64_t lseek64(int fd, off64_t offset, int whence)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial long lseek64(int fd, long offset, int whence);

    // int ioctl(int fd, unsigned long request, ...)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, nuint argument);

    // int fcntl(int fd, int cmd, ...)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fcntl(int fd, int command, nint argument);

    // int eventfd(unsigned int initval, int flags)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    // int epoll_create1(int flags)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    // int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int epoll_ctl(int epfd, int operation, int fd, byte* epollEvent);

    // int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int epoll_wait(int epfd, byte* events, int maxEvents, int timeout);

    // int statx(int dirfd, const char *restrict pathname, int flags, unsigned int mask, struct statx *restrict statxbuf)
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    // The same, for a name that need not be UTF-8.
    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static partial int statx_bytes(int directory, byte* path, int flags, uint mask, byte* buffer);

    // int utimensat(int dirfd, const char *pathname, const struct timespec times[2], int flags)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int utimensat(int directory, byte* path, nint* times, int flags);

    // int statvfs64(const char *restrict path, struct statvfs64 *restrict buf)
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statvfs64(string path, byte* buffer);

    // DIR *opendir(const char *name)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial void* opendir(byte* path);

    // int dirfd(DIR *dirp)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int dirfd(void* directory);

    // struct dirent64 *readdir64(DIR *dirp)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial void* readdir64(void* directory);

    // int closedir(DIR *dirp)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int closedir(void* directory);

    // ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint sendmsg(int fd, MsgHdr* message, int flags);

    // ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint recvmsg(int fd, MsgHdr* message, int flags);

    // int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    // ssize_t readlink(const char *path, char *buf, size_t bufsiz)
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint readlink(string path, byte* buffer, nuint size);

    // int unshare(int flags)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int unshare(int flags);

    // int chdir(const char *path)
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int chdir(byte* path);

    // int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data)
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mount(string source, string target, string type, nuint flags, string data);

    // int umount2(const char *target, int flags)
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int umount2(string target, int flags);

    // long syscall(long number, ...): glibc knows fsopen(2) and fsconfig(2) by their names since 2.36 only.
    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint syscall(nint number, nint first, nint second, byte* third, byte* fourth, nint fifth);
}
#endif
