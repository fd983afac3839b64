using System.Globalization;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>The parent process keeps the device: it has opened the device node, and starts the daemon with that descriptor again and again.</summary>
/// <remarks>
/// <para>Covers a daemon that ends in any way, as long as the parent goes on. A shell is parent enough:</para>
/// <example><code>
/// exec 9&lt;&gt;/dev/cachefiles
/// export CACHEFILES_DEVICE_FD=9 CACHEFILES_STATE_FILE=/run/cachefiles.json
/// until the-daemon --keeper inherited; do :; done
/// </code></example>
/// <para>The first daemon binds the cache on the parent's device, the next ones adopt it. Without CACHEFILES_STATE_FILE the parent answers for
/// them being given the same options, and prefetches that were running are not gone on with.</para>
/// </remarks>
public sealed class InheritedKeeper : IDeviceKeeper
{
    private readonly int _descriptor;
    private readonly StateFile? _state;

    /// <summary>Takes the parent's word from the environment: CACHEFILES_DEVICE_FD and CACHEFILES_STATE_FILE.</summary>
    /// <exception cref="InvalidOperationException">CACHEFILES_DEVICE_FD is not the number of a descriptor.</exception>
    public InheritedKeeper()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    internal InheritedKeeper(Func<string, string?> environment)
    {
        if (!int.TryParse(environment("CACHEFILES_DEVICE_FD"), NumberStyles.None, CultureInfo.InvariantCulture, out _descriptor))
            throw new InvalidOperationException("CACHEFILES_DEVICE_FD is not the number of a descriptor: the parent has to open the device and say which one it is.");
        _state = environment("CACHEFILES_STATE_FILE") is { Length: > 0 } path ? new StateFile(path) : null;
    }

    /// <inheritdoc/>
    public ValueTask<KeptDevice?> TakeAsync(CancellationToken cancellationToken)
    {
        OndemandState? state = _state?.Read();
        return new(new KeptDevice(DeviceHandle.TakeOver(_descriptor), state));
    }

    /// <summary>Keeps the state. The device is the parent's already.</summary>
    /// <param name="device">Not used.</param>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask KeepAsync(DeviceHandle device, OndemandState state, CancellationToken cancellationToken) => UpdateAsync(state, cancellationToken);

    /// <inheritdoc/>
    public ValueTask UpdateAsync(OndemandState state, CancellationToken cancellationToken)
    {
        _state?.Write(state);
        return default;
    }

    /// <summary>The parent's descriptor is out of reach.</summary>
    /// <param name="cancellationToken">Not used.</param>
    /// <returns>False.</returns>
    public ValueTask<bool> DropAsync(CancellationToken cancellationToken) => new(false);
}
