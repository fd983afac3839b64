using System.Runtime.InteropServices;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>The one owner of a file descriptor.</summary>
/// <remarks>
/// A handle is made before the call that creates the descriptor, so that running out of memory cannot leak it. The descriptor is closed
/// once and the result of close(2) is not judged: on Linux the number is free either way.
/// </remarks>
public abstract class LinuxHandle : SafeHandle
{
    private protected LinuxHandle()
        : base(new IntPtr(-1), ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == new IntPtr(-1);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = Libc.close((int)handle);
        return true;
    }

    /// <summary>Takes a descriptor that somebody else made: the kernel (the anonymous fd of an OPEN) or a predecessor. Neither makes it
    /// close-on-exec: that is done here, first thing.</summary>
    internal virtual void Adopt(int fd)
    {
        Own(fd);
        _ = Libc.fcntl(fd, Libc.F_SETFD, Libc.FD_CLOEXEC);
    }

    private protected void Own(int fd) => SetHandle(new IntPtr(fd));
}
