using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>A real object's anonymous fd.</summary>
/// <remarks>CLOSE disposes it while a late fetch may still write: the handle then says so with an exception, which is EBADF here.</remarks>
internal sealed class DeviceObject(ObjectHandle handle, CallsUnderWay calls) : IKernelObject
{
    public Errno WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        calls.Enter();
        try
        {
            return handle.TryWriteAt(data, offset);
        }
        catch (ObjectDisposedException)
        {
            return Errno.EBADF;
        }
        finally
        {
            calls.Leave();
        }
    }

    public Errno CompleteRead(uint messageId)
    {
        calls.Enter();
        try
        {
            return handle.TryCompleteRead(messageId);
        }
        catch (ObjectDisposedException)
        {
            return Errno.EBADF;
        }
        finally
        {
            calls.Leave();
        }
    }

    public long FileSize => Seek(static (h, _) => h.SeekEnd(), 0);

    public long SeekData(long offset) => Seek(static (h, o) => h.SeekData(o), offset);

    public long SeekHole(long offset) => Seek(static (h, o) => h.SeekHole(o), offset);

    public void Dispose() => handle.Dispose();

    private long Seek(Func<ObjectHandle, long, long> seek, long offset)
    {
        calls.Enter();
        try
        {
            return seek(handle, offset);
        }
        catch (Exception e) when (e is ObjectDisposedException or ErrnoException)
        {
            // No file, or no object any more: nothing is known to be cached.
            return -1;
        }
        finally
        {
            calls.Leave();
        }
    }
}
