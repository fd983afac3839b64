#if !NET
using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Internal;

// The same imports for netstandard2.0, which has no LibraryImport. They are kept apart because DllImport with SetLastError is refused
// at run time where the assembly disables the runtime's marshalling, as the net8.0 one does.
internal static unsafe partial class Libc
{
    [DllImport(Name, SetLastError = true)]
    internal static extern int open([MarshalAs(UnmanagedType.LPStr)] string path, int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern int close(int fd);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint read(int fd, void* buffer, nuint count);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint write(int fd, void* buffer, nuint count);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint pwrite64(int fd, void* buffer, nuint count, long offset);

    [DllImport(Name, SetLastError = true)]
    internal static extern long lseek64(int fd, long offset, int whence);

    [DllImport(Name, SetLastError = true)]
    internal static extern int ioctl(int fd, nuint request, nuint argument);

    [DllImport(Name, SetLastError = true)]
    internal static extern int fcntl(int fd, int command, nint argument);

    [DllImport(Name, SetLastError = true)]
    internal static extern int eventfd(uint initial, int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern int epoll_create1(int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern int epoll_ctl(int epfd, int operation, int fd, byte* epollEvent);

    [DllImport(Name, SetLastError = true)]
    internal static extern int epoll_wait(int epfd, byte* events, int maxEvents, int timeout);

    [DllImport(Name, SetLastError = true)]
    internal static extern int statx(int directory, [MarshalAs(UnmanagedType.LPStr)] string path, int flags, uint mask, byte* buffer);

    [DllImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static extern int statx_bytes(int directory, byte* path, int flags, uint mask, byte* buffer);

    [DllImport(Name, SetLastError = true)]
    internal static extern int utimensat(int directory, byte* path, nint* times, int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern int statvfs64([MarshalAs(UnmanagedType.LPStr)] string path, byte* buffer);

    [DllImport(Name, SetLastError = true)]
    internal static extern void* opendir(byte* path);

    [DllImport(Name, SetLastError = true)]
    internal static extern int dirfd(void* directory);

    [DllImport(Name, SetLastError = true)]
    internal static extern void* readdir64(void* directory);

    [DllImport(Name, SetLastError = true)]
    internal static extern int closedir(void* directory);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint sendmsg(int fd, MsgHdr* message, int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint recvmsg(int fd, MsgHdr* message, int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern int getsockopt(int fd, int level, int name, void* value, uint* length);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint readlink([MarshalAs(UnmanagedType.LPStr)] string path, byte* buffer, nuint size);

    [DllImport(Name, SetLastError = true)]
    internal static extern int unshare(int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern int chdir(byte* path);

    [DllImport(Name, SetLastError = true)]
    internal static extern int mount(
        [MarshalAs(UnmanagedType.LPStr)] string source,
        [MarshalAs(UnmanagedType.LPStr)] string target,
        [MarshalAs(UnmanagedType.LPStr)] string type,
        nuint flags,
        [MarshalAs(UnmanagedType.LPStr)] string data);

    [DllImport(Name, SetLastError = true)]
    internal static extern int umount2([MarshalAs(UnmanagedType.LPStr)] string target, int flags);

    [DllImport(Name, SetLastError = true)]
    internal static extern nint syscall(nint number, nint first, nint second, byte* third, byte* fourth, nint fifth);
}
#endif
