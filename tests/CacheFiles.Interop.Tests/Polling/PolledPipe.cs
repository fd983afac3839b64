using CacheFiles.Interop.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Polling;

/// <summary>A pipe that stands in for the device, with its poller. Nothing but a request makes it ready.</summary>
internal sealed class PolledPipe : IDisposable
{
    // Longer than any test waits for its workers: who comes back earlier was woken.
    public const int Long = 15_000;

    public PolledPipe()
    {
        (SafeFileHandle near, Kernel) = Native.Pipe();
        using (near)
            Device = near.AsDevice();
        Poller = new DevicePoller(Device, Wake);
    }

    /// <summary>The end that requests are written to. Closing it hangs the device up.</summary>
    public SafeFileHandle Kernel { get; }

    public DeviceHandle Device { get; }

    public WakeEvent Wake { get; } = new();

    public DevicePoller Poller { get; }

    public void Request() => Native.Send(Kernel, Messages.Read());

    /// <summary>A thread that waits; it does so already.</summary>
    public Worker<DevicePollResult> Waiter(int timeout = Long)
        => new Worker<DevicePollResult>(() => Poller.Wait(timeout)).AsleepOn(Poller.Number());

    public void Dispose()
    {
        Wake.Set(); // ends what a failed test left waiting
        Poller.Dispose();
        Wake.Dispose();
        Device.Dispose();
        Kernel.Dispose();
    }
}
