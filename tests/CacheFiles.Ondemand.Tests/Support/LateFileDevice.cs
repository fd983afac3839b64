using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A device whose object has no file until the daemon has looked for it: so it is where the daemon is quicker than the kernel.</summary>
/// <param name="device">The device.</param>
internal sealed class LateFileDevice(IKernelDevice device) : IKernelDevice
{
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasFile;

    public Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened)
    {
        Errno error = device.TryRead(buffer, out length, out opened);
        if (opened is not null)
            opened = new LateFile(this, opened);
        else if (length > 0 && Message.Decode(buffer[..length]).Header.Opcode == CacheFilesUapi.CACHEFILES_OP_READ)
            _hasFile = _looked.Task.Wait(Bounded.Test / 2);
        return error;
    }

    public Errno Command(ReadOnlySpan<byte> command) => device.Command(command);

    public Errno CompleteOpen(uint messageId, long size) => device.CompleteOpen(messageId, size);

    public bool TryReleaseOrphan(uint messageId) => device.TryReleaseOrphan(messageId);

    public Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name) => device.CullCommand(verb, directory, name);

    public ICacheDisk OpenDisk(string directory) => device.OpenDisk(directory);

    public DevicePollResult Wait() => device.Wait();

    public void Recheck() => device.Recheck();

    public void Wake() => device.Wake();

    public void Dispose() => device.Dispose();

    /// <summary>The kernel makes the file before its first READ, which is held up until the daemon has looked.</summary>
    private bool HasFile()
    {
        if (!_hasFile)
            _looked.TrySetResult();
        return _hasFile;
    }

    private sealed class LateFile(LateFileDevice owner, IKernelObject file) : IKernelObject
    {
        public long FileSize => owner.HasFile() ? file.FileSize : -1;

        public Errno WriteAt(ReadOnlySpan<byte> data, long offset) => owner.HasFile() ? file.WriteAt(data, offset) : Errno.ENOBUFS;

        public Errno CompleteRead(uint messageId) => file.CompleteRead(messageId);

        public long SeekData(long offset) => owner.HasFile() ? file.SeekData(offset) : -1;

        public long SeekHole(long offset) => owner.HasFile() ? file.SeekHole(offset) : -1;

        public void Dispose() => file.Dispose();
    }
}
