using System.Runtime.CompilerServices;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Ondemand.Testing;

/// <summary>A mounted image, and the tasks that read it.</summary>
public sealed class SimulatedMount
{
    private readonly SimulatedKernel _kernel;
    private readonly Dictionary<string, SimulatedObject> _objects;
    private int _readers;
    private Task? _unmounted;

    internal SimulatedMount(SimulatedKernel kernel, string fsid, string? domainId, Dictionary<string, SimulatedObject> objects)
    {
        _kernel = kernel;
        Fsid = fsid;
        DomainId = domainId;
        _objects = objects;
    }

    /// <summary>The name of the image's own blob.</summary>
    public string Fsid { get; }

    /// <summary>The shared domain, or null.</summary>
    public string? DomainId { get; }

    /// <summary>Reads bytes of a blob, as one pread(2) of a new task does. What the cache does not hold becomes READs of up to 128 KiB; a page
    /// that one of them did not bring is asked for once more, alone, before the task gets its error.</summary>
    /// <param name="blob">The image's own blob or one of its devices, by name.</param>
    /// <param name="offset">The first byte. The range may end behind the blob, as a damaged image makes it.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="kill">Kills the reading task: the READ that it waits for is gone, too.</param>
    /// <exception cref="ErrnoException">EIO: the daemon did not deliver.</exception>
    /// <exception cref="OperationCanceledException">The task was killed.</exception>
    public async Task<byte[]> ReadAsync(string blob, long offset, int length, CancellationToken kill = default)
    {
        var bytes = new byte[length];
        await ReadAsync(blob, offset, bytes, kill).ConfigureAwait(false);
        return bytes;
    }

    /// <summary>Reads bytes of a blob into memory of the caller's; see <see cref="ReadAsync(string, long, int, CancellationToken)"/>.</summary>
    /// <param name="blob">The image's own blob or one of its devices, by name.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="kill">Kills the reading task.</param>
    /// <exception cref="ErrnoException">EIO: the daemon did not deliver.</exception>
    /// <exception cref="OperationCanceledException">The task was killed.</exception>
    public async ValueTask ReadAsync(string blob, long offset, Memory<byte> destination, CancellationToken kill = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var reader = new ObjectReader(Find(blob));
        Errno error = await ReadAsync(reader, offset, destination, offset + destination.Length, kill).ConfigureAwait(false);
        if (error != Errno.None)
            throw new ErrnoException(error, $"pread({blob}, {destination.Length} bytes at {offset})");
    }

    /// <summary>Starts a task that reads a blob from front to back.</summary>
    /// <param name="blob">The image's own blob or one of its devices, by name.</param>
    public SimulatedReader OpenReader(string blob) => new(this, blob, Find(blob));

    /// <summary>Says what the cache holds of a blob, in whole pages and in order.</summary>
    /// <param name="blob">The image's own blob or one of its devices, by name.</param>
    public IReadOnlyList<ByteRange> GetCachedRanges(string blob)
    {
        SimulatedObject target = Find(blob);
        var ranges = new List<ByteRange>();
        lock (_kernel.Lock)
        {
            var end = 0L;
            while (target.File is { } file && file.SeekData(end) is >= 0 and var start)
                ranges.Add(ByteRange.FromBounds(start, end = file.SeekHole(start)));
        }
        return ranges;
    }

    /// <summary>Unmounts. Blobs that no other mount uses are closed.</summary>
    /// <param name="cancellationToken">Gives up waiting; it is unmounted all the same.</param>
    /// <returns>Completes when the daemon has read the CLOSEs, which umount(2) does not wait for.</returns>
    /// <exception cref="ErrnoException">EBUSY: a task is reading.</exception>
    public Task UnmountAsync(CancellationToken cancellationToken = default)
    {
        Task unmounted;
        lock (_kernel.Lock)
        {
            if (_unmounted is null && Volatile.Read(ref _readers) > 0)
                throw new ErrnoException(Errno.EBUSY, $"umount({Fsid})", "A task reads it");
            unmounted = _unmounted ??= _kernel.Objects.Release(_objects.Values);
        }
        return unmounted.WaitAsync(cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<Errno> ReadAsync(ObjectReader reader, long offset, Memory<byte> destination, long limit, CancellationToken kill)
    {
        Interlocked.Increment(ref _readers);
        try
        {
            return await reader.ReadAsync(offset, destination, limit, retries: true, kill).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private SimulatedObject Find(string blob)
    {
        ObjectDisposedException.ThrowIf(_unmounted is not null, this);
        return _objects.TryGetValue(blob, out SimulatedObject? found)
            ? found
            : throw new ArgumentException($"The image has no blob '{blob}'.", nameof(blob));
    }
}
