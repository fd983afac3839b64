using System.Diagnostics;
using System.Runtime.InteropServices;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>Waits for the device and a <see cref="WakeEvent"/> together (epoll).</summary>
/// <remarks>
/// Any number of threads may wait. The device is watched edge-triggered: each change wakes one of the waiting threads, the one that came
/// last, so a thread that is called has to read until nothing is pending before it waits again. The wake event is level-triggered and is
/// seen by all of them.
/// </remarks>
public sealed class DevicePoller : LinuxHandle
{
    private const byte DeviceTag = 1;
    private const byte WakeTag = 2;
    private const uint DeviceEvents = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLET;

    // struct epoll_event { uint32_t events; uint64_t data; } is packed on x86 only.
    private static readonly int s_dataOffset =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    private readonly DeviceHandle _device;

    /// <summary>Starts to watch both. They are borrowed: the caller keeps and disposes them, after this.</summary>
    /// <param name="device">The device.</param>
    /// <param name="wake">What ends a wait.</param>
    /// <exception cref="ErrnoException">EMFILE, ENFILE, ENOMEM. EPERM: what was opened is a file that cannot be polled, and so no device.</exception>
    public DevicePoller(DeviceHandle device, WakeEvent wake)
    {
        Own(Sys.Check(Libc.epoll_create1(Libc.EPOLL_CLOEXEC), "epoll_create1()"));
        try
        {
            Watch(Libc.EPOLL_CTL_ADD, device, DeviceEvents, DeviceTag);
            Watch(Libc.EPOLL_CTL_ADD, wake, Libc.EPOLLIN, WakeTag);
            _device = device;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Waits until something happens.</summary>
    /// <param name="timeout">How long at most, in milliseconds; -1 for ever.</param>
    /// <returns>What happened; <see cref="DevicePollResult.None"/> when the time ran out.</returns>
    /// <exception cref="ErrnoException">The poller is broken.</exception>
    public unsafe DevicePollResult Wait(int timeout = -1)
    {
        using Borrowed epoll = new(this);
        var epollEvent = stackalloc byte[16];
        var started = timeout > 0 ? Stopwatch.GetTimestamp() : 0;
        var count = Libc.epoll_wait(epoll, epollEvent, 1, timeout);
        Errno error = count >= 0 ? Errno.None : Sys.LastError;
        while (error == Errno.EINTR)
        {
            count = Libc.epoll_wait(epoll, epollEvent, 1, Remaining(timeout, started));
            error = count >= 0 ? Errno.None : Sys.LastError;
        }
        if (error != Errno.None)
            throw new ErrnoException(error, "epoll_wait()");
        if (count == 0)
            return DevicePollResult.None;
        if (epollEvent[s_dataOffset] == WakeTag)
            return DevicePollResult.Woken;
        var events = *(uint*)epollEvent;
        return ((events & Libc.EPOLLIN) != 0 ? DevicePollResult.Request : 0)
            | ((events & Libc.EPOLLOUT) != 0 ? DevicePollResult.CullWanted : 0)
            | ((events & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0 ? DevicePollResult.Lost : 0);
    }

    // What a signal leaves of the time, in milliseconds.
    private static int Remaining(int timeout, long started)
        => timeout > 0 ? (int)Math.Max(0, timeout - ((Stopwatch.GetTimestamp() - started) * 1000 / Stopwatch.Frequency)) : timeout;

    /// <summary>Looks at the device once more and wakes a waiting thread if a request waits.</summary>
    /// <remarks>The kernel wakes nobody when an anonymous fd is closed, though a READ that was waiting for that object can then be taken: it
    /// makes the kernel open the object anew (cachefiles_ondemand_select_req).</remarks>
    /// <exception cref="ErrnoException">The poller is broken.</exception>
    public void Recheck() => Watch(Libc.EPOLL_CTL_MOD, _device, DeviceEvents, DeviceTag);

    private unsafe void Watch(int operation, LinuxHandle watched, uint events, byte tag)
    {
        using Borrowed epoll = new(this);
        using Borrowed fd = new(watched);
        var epollEvent = stackalloc byte[16];
        new Span<byte>(epollEvent, 16).Clear();
        *(uint*)epollEvent = events;
        epollEvent[s_dataOffset] = tag;
        if (Libc.epoll_ctl(epoll, operation, fd, epollEvent) >= 0)
            return;
        Errno error = Sys.LastError;
        throw new ErrnoException(error, "epoll_ctl()", error == Errno.EPERM ? "What was opened is not the cachefiles device: name its node, /dev/cachefiles on every distribution" : null);
    }
}
