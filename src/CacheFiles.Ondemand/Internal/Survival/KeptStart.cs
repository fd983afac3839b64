using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The start of a daemon that has a keeper: it adopts what is kept, or binds and gives it to be kept.</summary>
internal static class KeptStart
{
    // A keeper that lets go may do so a little later; the kernel tells nobody.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(20);

    internal static async Task<(DeviceHandle Device, DeviceKernel Kernel, OndemandState State)> RunAsync(
        OndemandOptions options,
        IDeviceKeeper keeper,
        CancellationToken cancellationToken)
    {
        var logger = new QuietLogger(options.Logger);
        KeptDevice? kept = await keeper.TakeAsync(cancellationToken).ConfigureAwait(false);
        DeviceHandle? device = kept?.Device;
        if (kept is not null && device is not null)
        {
            try
            {
                Adopter.CheckState(kept.State, options);
                OndemandState? known = kept.State is { IsBinding: false } ? kept.State : null;
                DeviceKernel adopted = Adopter.Adopt(device, options, isBound: known is not null);
                Log.Adopted(logger, options.CacheDirectory, options.DevicePath);
                return (device, adopted, known ?? await TellAsync(isBinding: false).ConfigureAwait(false));
            }
            catch (AdoptionException e) when (e.Reason == AdoptionFailure.NotBound)
            {
                // Somebody opened it for this daemon to bind. Should it end meanwhile, the next one finds a device that is configured by half, and
                // which cannot be asked what for.
                await TellAsync(isBinding: true).ConfigureAwait(false);
            }
            catch (AdoptionException e)
            {
                device.Dispose();
                Session.Report(new OndemandFault(FaultSource.Keeper, "the kept device cannot be adopted: mounts of before have to be mounted again", Exception: e), options, logger);
                if (!await keeper.DropAsync(cancellationToken).ConfigureAwait(false))
                    throw;
                device = null;
            }
        }
        var kernel = new DeviceKernel(device ??= await OpenAsync(options, wait: kept is not null, cancellationToken).ConfigureAwait(false));
        try
        {
            CacheBinder.CheckDirectory(options.CacheDirectory);
            CacheBinder.Bind(device.Command, options);
            var state = OndemandState.Of(options);
            await keeper.KeepAsync(device, state, cancellationToken).ConfigureAwait(false);
            Log.Bound(logger, options.CacheDirectory, options.DevicePath);
            return (device, kernel, state);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }

        async Task<OndemandState> TellAsync(bool isBinding)
        {
            OndemandState state = OndemandState.Of(options) with { IsBinding = isBinding };
            await keeper.UpdateAsync(state, cancellationToken).ConfigureAwait(false);
            return state;
        }
    }

    private static async Task<DeviceHandle> OpenAsync(OndemandOptions options, bool wait, CancellationToken cancellationToken)
    {
        for (var end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; wait && Environment.TickCount64 < end;)
        {
            try
            {
                return DeviceHandle.Open(options.DevicePath);
            }
            catch (ErrnoException e) when (e.Errno == Errno.EBUSY)
            {
                await Task.Delay(s_beat, cancellationToken).ConfigureAwait(false);
            }
        }
        return CacheBinder.Open(options.DevicePath);
    }
}
