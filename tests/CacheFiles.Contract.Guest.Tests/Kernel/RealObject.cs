using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Contract.Kernel;

/// <summary>An object's descriptor, with the calls too that the library refuses to make.</summary>
internal sealed class RealObject(ObjectHandle handle) : IKernelObject
{
    private readonly DeviceObject _object = new(handle, new CallsUnderWay());

    public long FileSize => _object.FileSize;

    /// <summary>The descriptor as a file of the runtime's, which does not own it.</summary>
    internal SafeFileHandle File { get; } = new(handle.DangerousGetHandle(), ownsHandle: false);

    internal Errno WriteRaw(ReadOnlySpan<byte> data, long offset)
    {
        try
        {
            RandomAccess.Write(File, data, offset);
            return Errno.None;
        }
        catch (IOException e)
        {
            return (Errno)e.HResult;
        }
    }

    public Errno WriteAt(ReadOnlySpan<byte> data, long offset) => _object.WriteAt(data, offset);

    public Errno CompleteRead(uint messageId) => _object.CompleteRead(messageId);

    public long SeekData(long offset) => _object.SeekData(offset);

    public long SeekHole(long offset) => _object.SeekHole(offset);

    public void Dispose() => _object.Dispose();
}
