using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>An eventfd that ends every <see cref="DevicePoller.Wait"/>: closing a polled fd does not interrupt the poll, this does.</summary>
/// <remarks>Once set it stays set, so that every thread that waits, and every one that comes later, sees it.</remarks>
public sealed class WakeEvent : LinuxHandle
{
    /// <summary>Makes an event that is not set.</summary>
    /// <exception cref="ErrnoException">EMFILE, ENFILE, ENOMEM.</exception>
    public WakeEvent()
        => Own(Sys.Check(Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), "eventfd()"));

    /// <summary>Sets the event. Doing so again changes nothing.</summary>
    public unsafe void Set()
    {
        ulong one = 1;
        Errno error = Sys.Write(this, &one, sizeof(ulong), out _);
        // EAGAIN is a counter at its limit: the event is set as firmly as it can be.
        if (error is not (Errno.None or Errno.EAGAIN))
            throw new ErrnoException(error, "write(eventfd)");
    }
}
