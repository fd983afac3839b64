using CacheFiles.Interop;

namespace CacheFiles.Ondemand;

/// <summary>Somebody who keeps the device open while no daemon runs: requests then wait in the kernel for the next one, instead of failing.</summary>
/// <remarks>
/// <para><see cref="SystemdKeeper"/> covers a daemon that crashes, is killed, hangs (watchdog) or is restarted by systemd.
/// <see cref="SupervisorKeeper"/> covers the same without systemd, and upgrades that may fail. <see cref="InheritedKeeper"/> covers a daemon that
/// ends in any way, as long as the parent that started it goes on.</para>
/// <para>No keeper covers a reboot, a power cut or its own end: the kernel gives the cache up when the last descriptor is closed.</para>
/// </remarks>
public interface IDeviceKeeper
{
    /// <summary>Gives what is kept. It stays kept. Where a predecessor still serves, this waits until it has gone.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The device, owned by the caller; null where nothing is kept.</returns>
    /// <exception cref="InvalidDataException">The kept state cannot be read, or is newer than this version. What is kept stays kept.</exception>
    /// <exception cref="IOException">The keeper cannot be reached.</exception>
    ValueTask<KeptDevice?> TakeAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a device that was just bound.</summary>
    /// <param name="device">The device; a duplicate is kept, the caller keeps its own.</param>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The keeper cannot be reached.</exception>
    ValueTask KeepAsync(DeviceHandle device, OndemandState state, CancellationToken cancellationToken);

    /// <summary>Replaces the kept state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The keeper cannot be reached.</exception>
    ValueTask UpdateAsync(OndemandState state, CancellationToken cancellationToken);

    /// <summary>Lets go of what is kept, because it cannot be used.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where this keeper cannot let go: the device stays busy until it has ended.</returns>
    /// <exception cref="IOException">The keeper cannot be reached.</exception>
    ValueTask<bool> DropAsync(CancellationToken cancellationToken);

    /// <summary>Hears that requests are being served from now on.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask ServingAsync(CancellationToken cancellationToken) => default;

    /// <summary>Hears that serving ends.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask StoppingAsync(CancellationToken cancellationToken) => default;
}
