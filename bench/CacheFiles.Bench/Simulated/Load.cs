using System.Diagnostics;
using System.Runtime.CompilerServices;
using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Bench.Simulated;

/// <summary>READs of one page each, many at once, of an object of the simulated kernel: what answers them is never without work.</summary>
internal sealed class Load : IAsyncDisposable
{
    internal const int BatchSize = 64;
    internal const int PageSize = 4096;
    internal const int ObjectSize = Passes * BatchSize * PageSize;
    private const int Passes = 16;
    internal const string Name = "image";
    private readonly SimulatedKernel _kernel;
    private readonly SimulatedObject _object;
    private readonly IAsyncDisposable _daemon;
    private readonly SimulatedRequest[] _requests = new SimulatedRequest[BatchSize];
    private readonly ValueTaskAwaiter<Errno>[] _answers = new ValueTaskAwaiter<Errno>[BatchSize];
    private readonly SemaphoreSlim _done = new(0);
    private readonly Action _countDown;
    private int _left;
    private int _batches;

    private Load(SimulatedKernel kernel, IAsyncDisposable daemon)
    {
        _kernel = kernel;
        _daemon = daemon;
        _object = kernel.Objects.Find(new ObjectKey("erofs," + Name, Name));
        _countDown = () =>
        {
            if (Interlocked.Decrement(ref _left) == 0)
                _done.Release();
        };
    }

    /// <summary>Mounts the image that a daemon serves.</summary>
    internal static async Task<Load> StartAsync(SimulatedKernel kernel, IAsyncDisposable daemon)
    {
        await kernel.MountAsync(Name);
        return new Load(kernel, daemon);
    }

    /// <summary>Sends batches, each when the one before is answered.</summary>
    /// <returns>How long the answers took.</returns>
    internal TimeSpan Run(int batches)
    {
        var time = TimeSpan.Zero;
        for (var i = 0; i < batches; i++)
            time += RunBatch();
        return time;
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _done.Dispose();
    }

    private TimeSpan RunBatch()
    {
        var first = _batches % Passes * BatchSize;
        Volatile.Write(ref _left, BatchSize);
        long start;
        lock (_kernel.Lock)
        {
            // What was cached long ago is asked for again; of the mount's own READ the fetch may just be ending.
            if (first == 0 && _batches > 0)
                _object.File!.Punch();
            for (var i = 0; i < BatchSize; i++)
            {
                _requests[i] = _object.Cache.Send(CacheFilesUapi.CACHEFILES_OP_READ, _object, new ByteRange((first + i) * PageSize, PageSize))!;
                // Each is consumed once, below.
#pragma warning disable CA2012
                _answers[i] = _requests[i].Answer.GetAwaiter();
#pragma warning restore CA2012
                _answers[i].UnsafeOnCompleted(_countDown);
            }
            start = Stopwatch.GetTimestamp();
        }
        _done.Wait();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        lock (_kernel.Lock)
        {
            for (var i = 0; i < BatchSize; i++)
            {
                // Looked at while nothing was made a hole: a READ that still meets its page's former fetch is answered without another one.
                if (_answers[i].GetResult() != Errno.None || (_batches < Passes && !_object.File!.HasPage((first + i) * PageSize)))
                    throw new InvalidOperationException("A READ was not served.");
                _object.Cache.Recycle(_requests[i]);
            }
        }
        _batches++;
        return time;
    }
}
