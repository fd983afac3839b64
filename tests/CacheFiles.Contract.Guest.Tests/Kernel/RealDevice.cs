using System.Collections.Concurrent;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Kernel;

/// <summary>The device as a daemon has it that can be killed.</summary>
internal sealed class RealDevice(DeviceHandle handle) : IKernelDevice
{
    private readonly DeviceKernel _kernel = new(handle);
    private readonly ConcurrentBag<IKernelObject> _opened = [];
    private volatile bool _killed;
    private volatile bool _disposed;
    private int _waiting;

    internal IReadOnlyCollection<IKernelObject> Opened => _opened;

    internal DeviceHandle Duplicate() => handle.Duplicate();

    internal void Kill()
    {
        _killed = true;
        if (_disposed)
            return;
        // Who waits has to be gone before the poller is: else it waits for ever.
        _kernel.Wake();
        SpinWait.SpinUntil(() => Volatile.Read(ref _waiting) == 0);
        _kernel.Dispose();
        foreach (IKernelObject opened in _opened)
            opened.Dispose();
    }

    public Errno Command(ReadOnlySpan<byte> command) => _kernel.Command(command);

    public Errno CompleteOpen(uint messageId, long size) => _kernel.CompleteOpen(messageId, size);

    public Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened)
    {
        (length, opened) = (0, null);
        try
        {
            Errno error = handle.TryRead(buffer, out length, out ObjectHandle? descriptor);
            if (descriptor is not null)
                _opened.Add(opened = new RealObject(descriptor));
            return error;
        }
        catch (ObjectDisposedException) when (_killed)
        {
            return Errno.EBADF;
        }
    }

    public ICacheDisk OpenDisk(string directory) => _kernel.OpenDisk(directory);

    public bool TryReleaseOrphan(uint messageId) => _kernel.TryReleaseOrphan(messageId);

    public Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name) => _kernel.CullCommand(verb, directory, name);

    public DevicePollResult Wait()
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            DevicePollResult result = _killed ? DevicePollResult.Lost : _kernel.Wait();
            return _killed ? DevicePollResult.Lost : result;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Recheck() => _kernel.Recheck();

    public void Wake() => _kernel.Wake();

    public void Dispose()
    {
        if (_killed || _disposed)
            return;
        _disposed = true;
        _kernel.Dispose();
    }
}
