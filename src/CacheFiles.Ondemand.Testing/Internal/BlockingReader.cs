using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>A reader that blocks its thread and allocates nothing, to measure what serving it costs.</summary>
internal sealed class BlockingReader : IDisposable
{
    private readonly SimulatedObject _object;
    private readonly SemaphoreSlim _released = new(0);
    private readonly Action _release;

    internal BlockingReader(SimulatedKernel kernel, ObjectKey key)
    {
        _object = kernel.Objects.Find(key);
        _release = () => _released.Release();
    }

    /// <summary>Asks the daemon for a range, whether it is cached or not.</summary>
    /// <returns>None, or EIO where it did not come.</returns>
    internal Errno Ask(ByteRange range)
    {
        SimulatedRequest? read;
        lock (_object.Kernel.Lock)
            read = _object.Cache.Send(CacheFilesUapi.CACHEFILES_OP_READ, _object, range);
        if (read is null)
            return Errno.EIO;
        // Consumed once, when it has completed.
#pragma warning disable CA2012
        System.Runtime.CompilerServices.ValueTaskAwaiter<Errno> answer = read.Answer.GetAwaiter();
#pragma warning restore CA2012
        if (!answer.IsCompleted)
        {
            answer.UnsafeOnCompleted(_release);
            _released.Wait();
        }
        Errno error = answer.GetResult();
        lock (_object.Kernel.Lock)
        {
            _object.Cache.Recycle(read);
            return error == Errno.None && _object.File?.HasPage(range.Offset) != true ? Errno.EIO : error;
        }
    }

    /// <summary>Makes holes of everything that is cached of the object.</summary>
    internal void PunchHoles()
    {
        lock (_object.Kernel.Lock)
            _object.File?.Punch();
    }

    public void Dispose() => _released.Dispose();
}
