using System.Collections.Concurrent;
using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Support;

/// <summary>A daemon made of the library, on a kernel under test.</summary>
internal sealed class EngineDaemon : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private EngineDaemon(ContractKernel kernel, IKernelDevice device, IRangeFetcher source, bool isBound, Func<OndemandOptions, OndemandOptions>? configure)
    {
        var options = new OndemandOptions { CacheDirectory = kernel.CacheDirectory, MaxReadAheadBytes = 0, OnFault = Faults.Enqueue };
        options = configure?.Invoke(options) ?? options;
        Device = device;
        if (isBound)
            Command(device, "restore");
        else
            CacheBinder.Bind(command => Command(device, command), options);
        Cache = new OndemandCache(device, options);
        Serving = Cache.ServeAsync(source, _stop.Token);
    }

    internal OndemandCache Cache { get; }

    /// <summary>What it serves; it is not to be read by the test.</summary>
    internal IKernelDevice Device { get; }

    internal Task Serving { get; }

    internal ConcurrentQueue<OndemandFault> Faults { get; } = new();

    /// <summary>Binds the cache and serves it; only what is asked for is fetched, unless an option says otherwise.</summary>
    internal static EngineDaemon Start(ContractKernel kernel, IRangeFetcher source, Func<OndemandOptions, OndemandOptions>? configure = null)
        => new(kernel, kernel.OpenDevice(), source, isBound: false, configure);

    /// <summary>Goes on with a device that was kept.</summary>
    internal static EngineDaemon Restore(ContractKernel kernel, IRangeFetcher source, Func<OndemandOptions, OndemandOptions>? configure = null)
        => new(kernel, kernel.Inherit(), source, isBound: true, configure);

    /// <summary>Waits for a fault and takes it.</summary>
    internal async Task<OndemandFault> NextFaultAsync()
    {
        OndemandFault? fault = null;
        await Bounded.Until(() => Faults.TryDequeue(out fault), "a fault");
        return fault!;
    }

    /// <summary>Waits until it has noticed that it was killed.</summary>
    internal async Task EndedAsync() => await Bounded.Of(Serving.ContinueWith(static _ => { }, TaskScheduler.Default));

    internal Task StopAsync()
    {
        _stop.Cancel();
        return Bounded.Of(Serving);
    }

    public async ValueTask DisposeAsync()
    {
        await Bounded.Of(Cache.DisposeAsync().AsTask());
        _stop.Dispose();
    }

    private static void Command(IKernelDevice device, string command)
    {
        Errno error = device.Command(Encoding.UTF8.GetBytes(command));
        if (error != Errno.None)
            throw new ErrnoException(error, command);
    }
}
