using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Takes on a device that is open and bound already.</summary>
internal static class Adopter
{
    /// <summary>Sees to it that the kept state is that of the cache that is wanted.</summary>
    internal static void CheckState(OndemandState? state, OndemandOptions options)
    {
        if (state is null)
            return;
        Check("cache directory", state.CacheDirectory, options.CacheDirectory);
        Check("tag", state.Tag ?? "CacheFiles", options.Tag ?? "CacheFiles");
        Check("device node", state.DevicePath, options.DevicePath);

        static void Check(string what, string kept, string wanted)
        {
            if (kept != wanted)
                throw new AdoptionException(AdoptionFailure.OtherCache, $"The kept device serves another cache: its {what} is {kept}, not {wanted}.");
        }
    }

    /// <summary>Takes the device over where it can be served; else the handle stays the caller's, open.</summary>
    /// <param name="device">The device.</param>
    /// <param name="options">The cache.</param>
    /// <param name="isBound">Whether a predecessor is known to have bound the cache.</param>
    internal static DeviceKernel Adopt(DeviceHandle device, OndemandOptions options, bool isBound)
    {
        // Nothing is written before it is known to be the device.
        CheckDevice(device, options);
        Restore(device);
        if (!isBound)
            CheckBound(device);
        return new DeviceKernel(device);
    }

    private static void CheckDevice(DeviceHandle device, OndemandOptions options)
    {
        bool isDevice;
        try
        {
            isDevice = device.IsDevice(options.DevicePath);
        }
        catch (ErrnoException e)
        {
            throw new AdoptionException(AdoptionFailure.NotTheDevice, $"Whether the kept descriptor is the device cannot be told: {e.Message}", e);
        }
        if (!isDevice)
            throw new AdoptionException(AdoptionFailure.NotTheDevice, $"The kept descriptor is not {options.DevicePath}.");
    }

    /// <summary>A device on which binding has failed takes restore too. One that is bound refuses to be bound again, and says so in the kernel's log.</summary>
    private static void CheckBound(DeviceHandle device)
    {
        Errno error = device.TryCommand(CacheBinder.BindCommand);
        if (error is not (Errno.EBUSY or Errno.None))
            throw new AdoptionException(AdoptionFailure.NotBound, "No cache is bound on the kept device, and binding it has failed.", new ErrnoException(error, "bind ondemand"));
    }

    /// <summary>Makes every request that is not answered new again.</summary>
    private static void Restore(DeviceHandle device)
    {
        Errno error = device.TryCommand("restore"u8);
        if (error == Errno.None)
            return;
        var failure = new ErrnoException(error, "restore");
        throw error switch
        {
            Errno.EIO => new AdoptionException(AdoptionFailure.Dead, "The kept cache is dead: the kernel gave it up after an error on its file system.", failure),
            // Not bound and not known are the same answer. A bound cache takes copen, and finds this one malformed.
            Errno.EOPNOTSUPP when device.TryCommand("copen 0"u8) == Errno.EINVAL
                => new AdoptionException(AdoptionFailure.NoRestore, "This kernel cannot restore requests, which came with Linux 6.8 and in stable kernels since: what waits in the kept device would hang.", failure),
            Errno.EOPNOTSUPP => new AdoptionException(AdoptionFailure.NotBound, "No cache is bound in on-demand mode on the kept device.", failure),
            _ => failure,
        };
    }
}
