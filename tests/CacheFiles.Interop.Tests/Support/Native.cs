using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Support;

/// <summary>The calls that the framework does not offer. Constants have the same value on x86, arm64 and riscv.</summary>
internal static partial class Native
{
    internal const int SIGWINCH = 28;

    private const int F_DUPFD = 0;
    private const int F_ADD_SEALS = 1033;
    private const int F_SEAL_GROW = 4;
    private const int MFD_CLOEXEC = 1;
    private const int MFD_ALLOW_SEALING = 2;
    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int SOCK_SEQPACKET = 5;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;

    // Above every number that the runtime takes for itself while a test runs: nobody else gets these.
    private const int HighNumbers = 700;

    /// <summary>Another descriptor for the same file, not close-on-exec, like the ones that the kernel installs.</summary>
    internal static int Duplicate(SafeHandle file) => Check(fcntl(file, F_DUPFD, HighNumbers));

    /// <summary>Makes <paramref name="number"/> refer to a file.</summary>
    internal static void DuplicateTo(SafeHandle file, int number) => Check(dup2(file, number));

    internal static void Close(int fd) => Check(close(fd));

    /// <summary>A file in memory that nobody can make longer: a write over its end is cut short.</summary>
    internal static SafeFileHandle SealedFile(int length)
    {
        SafeFileHandle file = Own(Check(memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING)));
        Check(ftruncate(file, length));
        Check(fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
        return file;
    }

    internal static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        var ends = new int[2];
        Check(pipe2(ends, O_CLOEXEC));
        return (Own(ends[0]), Own(ends[1]));
    }

    /// <summary>Two connected ends that keep the border between one write and the next. Reading never blocks: EAGAIN.</summary>
    internal static (SafeFileHandle One, SafeFileHandle Other) PacketPair()
    {
        var ends = new int[2];
        Check(socketpair(AF_UNIX, SOCK_SEQPACKET | O_NONBLOCK | O_CLOEXEC, 0, ends));
        return (Own(ends[0]), Own(ends[1]));
    }

    /// <summary>Two connected ends of a stream.</summary>
    internal static (SafeFileHandle One, SafeFileHandle Other) StreamPair()
    {
        var ends = new int[2];
        Check(socketpair(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0, ends));
        return (Own(ends[0]), Own(ends[1]));
    }

    /// <summary>One packet, or null where none waits or the far end is closed.</summary>
    internal static byte[]? TakePacket(SafeFileHandle end)
    {
        var buffer = new byte[8192];
        var length = (int)read(end, buffer, buffer.Length);
        return length > 0 ? buffer[..length] : length == 0 || Marshal.GetLastPInvokeError() == (int)Errno.EAGAIN ? null : throw new Win32Exception();
    }

    internal static void Send(SafeFileHandle end, ReadOnlySpan<byte> bytes)
        => Assert.Equal(bytes.Length, Check((int)write(end, bytes.ToArray(), bytes.Length)));

    internal static int ThreadId() => gettid();

    /// <summary>Signals a thread; false where it is gone.</summary>
    internal static bool Signal(int threadId, int signal) => tgkill(Environment.ProcessId, threadId, signal) == 0;

    private static SafeFileHandle Own(int fd) => new(fd, ownsHandle: true);

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception();
}
