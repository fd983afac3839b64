using System.Runtime.InteropServices;
using System.Text;

namespace CacheFiles.Interop.Internal;

/// <summary>The calls on handles: errno is taken once, right after the call, and EINTR never leaves.</summary>
internal static unsafe class Sys
{
    internal static Errno LastError => (Errno)Marshal.GetLastWin32Error();

    /// <summary>Turns a -1 into an exception.</summary>
    internal static int Check(int result, string operation)
        => result >= 0 ? result : throw new ErrnoException(LastError, operation);

    /// <summary>What a symbolic link points to, or null.</summary>
    internal static string? LinkTarget(string path)
    {
        var buffer = stackalloc byte[256];
        var length = (int)Libc.readlink(path, buffer, 256);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, length);
    }

    internal static Errno Read(LinuxHandle handle, void* buffer, int count, out int read)
    {
        using Borrowed fd = new(handle);
        nint result;
        Errno error;
        do
        {
            result = Libc.read(fd, buffer, (nuint)count);
            error = result >= 0 ? Errno.None : LastError;
        }
        while (error == Errno.EINTR);
        read = result >= 0 ? (int)result : 0;
        return error;
    }

    internal static Errno Write(LinuxHandle handle, void* buffer, int count, out int written)
    {
        using Borrowed fd = new(handle);
        nint result;
        Errno error;
        do
        {
            result = Libc.write(fd, buffer, (nuint)count);
            error = result >= 0 ? Errno.None : LastError;
        }
        while (error == Errno.EINTR);
        written = result >= 0 ? (int)result : 0;
        return error;
    }

    internal static Errno PWrite(LinuxHandle handle, void* buffer, int count, long offset, out int written)
    {
        using Borrowed fd = new(handle);
        nint result;
        Errno error;
        do
        {
            result = Libc.pwrite64(fd, buffer, (nuint)count, offset);
            error = result >= 0 ? Errno.None : LastError;
        }
        while (error == Errno.EINTR);
        written = result >= 0 ? (int)result : 0;
        return error;
    }

    internal static Errno Seek(LinuxHandle handle, long offset, int whence, out long position)
    {
        using Borrowed fd = new(handle);
        position = Libc.lseek64(fd, offset, whence);
        return position >= 0 ? Errno.None : LastError;
    }

    internal static Errno Ioctl(LinuxHandle handle, uint request, nuint argument)
    {
        using Borrowed fd = new(handle);
        int result;
        Errno error;
        do
        {
            result = Libc.ioctl(fd, request, argument);
            error = result >= 0 ? Errno.None : LastError;
        }
        while (error == Errno.EINTR);
        return error;
    }
}
