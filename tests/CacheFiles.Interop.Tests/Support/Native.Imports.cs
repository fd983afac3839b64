using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Tests.Support;

internal static partial class Native
{
    [DllImport("libc", SetLastError = true)]
    private static extern int fcntl(SafeHandle fd, int command, nint argument);

    [DllImport("libc", SetLastError = true)]
    private static extern int dup2(SafeHandle fd, int number);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int fd);

    [DllImport("libc", SetLastError = true)]
    private static extern int memfd_create([MarshalAs(UnmanagedType.LPUTF8Str)] string name, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int ftruncate(SafeHandle fd, nint length);

    [DllImport("libc", SetLastError = true)]
    private static extern int pipe2([Out] int[] ends, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int socketpair(int domain, int type, int protocol, [Out] int[] ends);

    [DllImport("libc", SetLastError = true)]
    private static extern nint read(SafeHandle fd, [Out] byte[] buffer, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(SafeHandle fd, byte[] buffer, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern int gettid();

    [DllImport("libc", SetLastError = true)]
    private static extern int tgkill(int process, int thread, int signal);
}
