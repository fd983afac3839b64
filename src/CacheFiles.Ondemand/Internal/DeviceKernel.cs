using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The real device.</summary>
internal sealed class DeviceKernel : IKernelDevice
{
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(5);
    private readonly DeviceHandle _device;
    private readonly WakeEvent _wake = new();
    private readonly DevicePoller _poller;
    private readonly CallsUnderWay _calls = new();
    private CullThread? _cullThread;
    private bool _disposed;

    /// <summary>Takes the handle over, in the failing case too.</summary>
    internal DeviceKernel(DeviceHandle device)
    {
        _device = device;
        try
        {
            _poller = new DevicePoller(device, _wake);
        }
        catch
        {
            _wake.Dispose();
            device.Dispose();
            throw;
        }
    }

    public Errno Command(ReadOnlySpan<byte> command)
    {
        try
        {
            return _device.TryCommand(command);
        }
        catch (ObjectDisposedException)
        {
            return Errno.EBADF;
        }
    }

    public Errno CompleteOpen(uint messageId, long size)
    {
        try
        {
            return _device.TryCompleteOpen(messageId, size);
        }
        catch (ObjectDisposedException)
        {
            return Errno.EBADF;
        }
    }

    public Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened)
    {
        Errno error = _device.TryRead(buffer, out length, out ObjectHandle? handle);
        opened = handle is null ? null : new DeviceObject(handle, _calls);
        return error;
    }

    public DevicePollResult Wait() => _poller.Wait();

    public Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name)
    {
        lock (_wake)
        {
            if (_disposed)
                return Errno.EBADF;
            _cullThread ??= new CullThread(_device);
        }
        return _cullThread.Run(verb, directory, name);
    }

    public ICacheDisk OpenDisk(string directory) => new CacheDisk(directory);

    public bool TryReleaseOrphan(uint messageId) => ObjectHandle.TryReleaseOrphan(messageId);

    public void Recheck()
    {
        try
        {
            _poller.Recheck();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    public void Wake()
    {
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    public void Dispose()
    {
        lock (_wake)
            _disposed = true;
        _cullThread?.Dispose();
        _poller.Dispose();
        _wake.Dispose();
        _device.Dispose();
        // The objects are disposed by now. Whoever binds next finds the device free.
        _calls.WaitForNone(s_closeLimit);
    }
}
