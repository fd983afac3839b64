using System.Collections.Concurrent;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A daemon that serves a simulated kernel until it is disposed.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private Daemon(OndemandCache cache, IRangeFetcher fetcher, ConcurrentQueue<OndemandFault> faults)
    {
        Cache = cache;
        Faults = faults;
        Serving = cache.ServeAsync(fetcher, _stop.Token);
    }

    /// <summary>Options that fetch nothing but what is asked for.</summary>
    internal static OndemandOptions Options { get; } = new() { CacheDirectory = "/cache", MaxReadAheadBytes = 0 };

    internal OndemandCache Cache { get; }

    internal Task Serving { get; }

    internal ConcurrentQueue<OndemandFault> Faults { get; }

    internal static Daemon Start(SimulatedKernel kernel, IRangeFetcher fetcher, OndemandOptions? options = null)
    {
        var faults = new ConcurrentQueue<OndemandFault>();
        return new Daemon(kernel.Bind((options ?? Options) with { OnFault = faults.Enqueue }), fetcher, faults);
    }

    /// <summary>Takes over a device that was kept.</summary>
    internal static Daemon Restore(SimulatedKernel kernel, IRangeFetcher fetcher, OndemandOptions? options = null)
    {
        var faults = new ConcurrentQueue<OndemandFault>();
        return new Daemon(kernel.Restore((options ?? Options) with { OnFault = faults.Enqueue }), fetcher, faults);
    }

    /// <summary>Asks it to stop.</summary>
    internal void Stop() => _stop.Cancel();

    /// <summary>Waits for a fault and takes it.</summary>
    internal async Task<OndemandFault> NextFaultAsync()
    {
        OndemandFault? fault = null;
        await Bounded.Until(() => Faults.TryDequeue(out fault), "a fault");
        return fault!;
    }

    public async ValueTask DisposeAsync()
    {
        await Bounded.Of(Cache.DisposeAsync().AsTask());
        _stop.Dispose();
    }
}
