using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>The anonymous fd of an object, as one process has it.</summary>
internal sealed class AnonymousFile(SimulatedKernel kernel, SimulatedDevice owner, SimulatedObject target) : IKernelObject
{
    private static readonly int s_pageSize = Environment.SystemPageSize;
    private bool _closed;

    public Errno WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        lock (kernel.Lock)
        {
            if (_closed)
                return Errno.EBADF;
            Errno fault = kernel.Faults.Strike(KernelVerb.Write);
            if (fault != Errno.None)
                return fault;
            if (target.File is not { } file)
                return Errno.ENOBUFS;
            if (offset % s_pageSize != 0)
            {
                if (kernel.Options.Version != SimulatedKernelVersion.Linux61)
                    return Errno.ENOBUFS;
                offset = BackingFile.PageFloor(offset);
            }
            if (data.Length % ObjectHandle.WriteAlignment != 0 || AddressOf(data) % ObjectHandle.WriteAlignment != 0)
                return Errno.EINVAL;
            Errno space = target.Cache.CheckSpace(file.MissingBytes(offset, data.Length));
            if (space == Errno.None)
                file.Write(offset, data);
            return space;
        }
    }

    public Errno CompleteRead(uint messageId)
    {
        lock (kernel.Lock)
        {
            if (_closed)
                return Errno.EBADF;
            Errno fault = kernel.Faults.Strike(KernelVerb.CompleteRead);
            if (fault != Errno.None)
                return fault;
            SimulatedRequest? request = target.Cache.Requests.Find(messageId);
            if (request is null || request.Opcode != CacheFilesUapi.CACHEFILES_OP_READ || request.Object != target)
                return Errno.EINVAL;
            target.Cache.Requests.Remove(request);
            target.Cache.NoteAnswered(request);
            request.Complete(Errno.None);
            return Errno.None;
        }
    }

    public long FileSize
    {
        get
        {
            lock (kernel.Lock)
                return _closed ? -1 : target.File?.Size ?? -1;
        }
    }

    public long SeekData(long offset)
    {
        lock (kernel.Lock)
            return _closed || offset < 0 ? -1 : target.File?.SeekData(offset) ?? -1;
    }

    public long SeekHole(long offset)
    {
        lock (kernel.Lock)
            return _closed || offset < 0 ? -1 : target.File?.SeekHole(offset) ?? -1;
    }

    public void Dispose()
    {
        lock (kernel.Lock)
        {
            if (_closed)
                return;
            _closed = true;
            owner.Files.Remove(this);
            target.Released();
        }
    }

    // The kernel asks O_DIRECT's alignment of the memory too.
    private static long AddressOf(ReadOnlySpan<byte> data)
        => Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(data));
}
