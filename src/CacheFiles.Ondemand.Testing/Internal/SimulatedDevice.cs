using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>The device as one process has it open.</summary>
internal sealed class SimulatedDevice : IKernelDevice
{
    private readonly SimulatedKernel _kernel;
    private readonly PollGate _poll;
    private bool _closed;

    internal SimulatedDevice(SimulatedKernel kernel, SimulatedCache cache)
    {
        _kernel = kernel;
        Cache = cache;
        _poll = new PollGate(kernel.Lock, cache.PollNow);
        cache.Holder = this;
    }

    internal SimulatedCache Cache { get; }

    /// <summary>The anonymous fds of the process.</summary>
    internal HashSet<AnonymousFile> Files { get; } = [];

    /// <summary>How many threads wait for the device.</summary>
    internal int WaitingThreads => _poll.WaitingCount;

    public Errno Command(ReadOnlySpan<byte> command)
    {
        lock (_kernel.Lock)
            return _closed ? Errno.EBADF : DeviceCommands.Run(_kernel, Cache, command);
    }

    public Errno CompleteOpen(uint messageId, long size)
    {
        lock (_kernel.Lock)
            return _closed ? Errno.EBADF : DeviceCommands.CompleteOpen(_kernel, Cache, messageId, size);
    }

    public Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened)
    {
        length = 0;
        opened = null;
        lock (_kernel.Lock)
        {
            if (_closed)
                return Errno.EBADF;
            SimulatedRequest? request = Cache.Directory is null ? null : Cache.SelectNew();
            if (request is null)
                return Errno.None;
            Errno fault = _kernel.Faults.Strike(KernelVerb.ReadRequest);
            var size = RequestMessage.LengthOf(request);
            if (fault == Errno.None && size > buffer.Length)
                fault = Errno.EMSGSIZE;
            if (fault is Errno.EMSGSIZE or Errno.EINTR or Errno.EAGAIN or Errno.EIO)
                return fault;
            Cache.Requests.MarkRead(request);
            AnonymousFile? file = null;
            if (fault == Errno.None && request.Opcode == CacheFilesUapi.CACHEFILES_OP_OPEN)
                fault = request.Object.TryInstall(this, out file);
            if (fault != Errno.None)
            {
                Finish(request, fault);
                return fault;
            }
            length = size;
            RequestMessage.Write(request, buffer[..length]);
            if (request.Opcode == CacheFilesUapi.CACHEFILES_OP_CLOSE)
                Finish(request, Errno.None);
            opened = file;
            _kernel.Tamper?.Invoke(buffer, ref length);
            return Errno.None;
        }
    }

    public bool TryReleaseOrphan(uint messageId)
    {
        lock (_kernel.Lock)
            return Files.Any(f => f.CompleteRead(messageId) == Errno.None);
    }

    public Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name)
    {
        lock (_kernel.Lock)
            return _closed ? Errno.EBADF : DeviceCommands.Cull(_kernel, Cache, verb, directory.Span, name.Span);
    }

    public ICacheDisk OpenDisk(string directory) => new SimulatedDisk(_kernel, directory);

    public DevicePollResult Wait() => _poll.Wait();

    public void Recheck()
    {
        lock (_kernel.Lock)
            _poll.Notify();
    }

    public void Wake() => _poll.End(DevicePollResult.Woken);

    public void Dispose()
    {
        lock (_kernel.Lock)
        {
            if (_closed)
                return;
            Leave();
            Cache.Die();
        }
    }

    internal void Notify() => _poll.Notify();

    /// <summary>The process is gone, with its descriptors.</summary>
    /// <param name="keepDevice">Whether somebody else has the device open too.</param>
    internal void Kill(bool keepDevice)
    {
        var wasOpen = !_closed;
        Leave();
        Cache.Holder = null;
        foreach (AnonymousFile file in Files.ToArray())
            file.Dispose();
        if (wasOpen && !keepDevice)
            Cache.Die();
    }

    private void Leave()
    {
        _closed = true;
        _poll.End(DevicePollResult.Lost);
    }

    private void Finish(SimulatedRequest request, Errno answer)
    {
        Cache.Requests.Remove(request);
        request.Complete(answer);
    }
}
