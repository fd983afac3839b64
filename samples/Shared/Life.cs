using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>The life of a daemon: bind or adopt, <c>ready</c>, serve until a signal. Every error is one line.</summary>
internal static class Life
{
    private const int Stopped = 0;
    private const int DeviceLost = 1;
    private const int CannotStart = 2;

    /// <summary>Runs a daemon.</summary>
    /// <param name="complain">Takes a line for standard error.</param>
    /// <param name="prepare">Called before the bind: the cache, who keeps its device, and what is done with it.</param>
    /// <returns>The exit status.</returns>
    internal static async Task<int> RunAsync(Action<string> complain, Func<(OndemandOptions Options, IDeviceKeeper? Keeper, Service Service)> prepare)
    {
        var bound = false;
        try
        {
            using var signals = new StopSignals();
            (OndemandOptions options, IDeviceKeeper? keeper, Service service) = prepare();
            await using var cache = keeper is null
                ? OndemandCache.Bind(options)
                : await OndemandCache.BindOrAdoptAsync(options, keeper, signals.Token).ConfigureAwait(false);
            await using IAsyncDisposable? beside = service.Begin(cache);
            bound = true;
            Console.WriteLine("ready");
            await service.Serve(cache, signals.Token).ConfigureAwait(false);
            return Stopped;
        }
        catch (OperationCanceledException) when (!bound)
        {
            return Stopped;
        }
        catch (ErrnoException e) when (bound)
        {
            complain($"the device is lost: {e.Message}");
            return DeviceLost;
        }
        catch (Exception e) when (!bound && e is UsageException or ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            complain(e.Message);
            return CannotStart;
        }
    }
}
