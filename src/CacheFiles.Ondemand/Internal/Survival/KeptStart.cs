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
                return (device, adopted, known ?? OndemandState.Of(options));
            }
            catch (AdoptionException e) when (e.Reason == AdoptionFailure.NotBound)
            {
                // Somebody opened it for this daemon to bind.
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
        var isKept = device is not null;
        var kernel = new DeviceKernel(device ??= await OpenAsync(options, wait: kept is not null, cancellationToken).ConfigureAwait(false));
        try
        {
            CacheBinder.CheckDirectory(options.CacheDirectory);
            var state = OndemandState.Of(options);
            // Should this process end now, the next one finds a device that is configured by half, and that cannot be asked what for.
            if (isKept)
                await keeper.UpdateAsync(state with { IsBinding = true }, cancellationToken).ConfigureAwait(false);
            CacheBinder.Bind(device.Command, options);
            await keeper.KeepAsync(device, state, cancellationToken).ConfigureAwait(false);
            Log.Bound(logger, options.CacheDirectory, options.DevicePath);
            return (device, kernel, state);
        }
        catch
        {
            kernel.Dispose();
            throw;
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
