using System.Globalization;
using System.Net.Sockets;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>systemd keeps the device, in the file descriptor store of the service (sd_notify(3), FDSTORE=1).</summary>
/// <remarks>
/// <para>Covers a daemon that crashes, is killed (out of memory too), hangs, or is restarted with <c>systemctl restart</c>. It does not cover
/// <c>systemctl stop</c>, after which systemd closes what it kept, nor an upgrade to a program that cannot start.</para>
/// <para>The unit needs <c>Type=notify</c>, <c>NotifyAccess=main</c>, <c>FileDescriptorStoreMax=1</c> or more (without it systemd silently keeps
/// nothing), <c>Restart=always</c>, <c>RuntimeDirectory=</c> and <c>RuntimeDirectoryPreserve=restart</c> for the state, and <c>WatchdogSec=</c> for a daemon
/// that hangs.</para>
/// </remarks>
public sealed class SystemdKeeper : IDeviceKeeper, IDisposable
{
    private const string Name = "cachefiles";
    private const int FirstDescriptor = 3;
    private readonly NotifySocket _notify;
    private readonly StateFile _state;
    private readonly TimeSpan _watchdog;
    private int? _kept;
    private Timer? _alive;

    /// <summary>Takes systemd's word from the environment: NOTIFY_SOCKET, LISTEN_FDS and its kin, WATCHDOG_USEC, RUNTIME_DIRECTORY.</summary>
    /// <exception cref="InvalidOperationException">This process is no service of systemd, or its unit lacks a setting; the message says which.</exception>
    public SystemdKeeper()
        : this(Environment.GetEnvironmentVariable)
    {
        // They are for this process: what it starts is not to take them.
        foreach (var name in (string[])["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"])
            Environment.SetEnvironmentVariable(name, null);
    }

    internal SystemdKeeper(Func<string, string?> environment)
    {
        if (environment("NOTIFY_SOCKET") is not { Length: > 0 } address)
            throw new InvalidOperationException("NOTIFY_SOCKET is not set: systemd has not started this process, or its unit lacks Type=notify.");
        if (environment("RUNTIME_DIRECTORY") is not { Length: > 0 } directories)
            throw new InvalidOperationException("RUNTIME_DIRECTORY is not set: the unit lacks RuntimeDirectory= (and RuntimeDirectoryPreserve=restart), where the state is kept.");
        _notify = new NotifySocket(address);
        _state = new StateFile(Path.Combine(directories.Split(':')[0], "state.json"));
        if (IsForThisProcess("WATCHDOG_PID") && long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds))
            _watchdog = TimeSpan.FromMicroseconds(microseconds);
        if (environment("LISTEN_PID") is not null && IsForThisProcess("LISTEN_PID"))
            _kept = FindKept(environment("LISTEN_FDS"), environment("LISTEN_FDNAMES"));

        bool IsForThisProcess(string variable) => environment(variable) is not { Length: > 0 } id || id == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public ValueTask<KeptDevice?> TakeAsync(CancellationToken cancellationToken)
    {
        if (_kept is not { } descriptor)
            return new((KeptDevice?)null);
        // Before the descriptor is touched: a state that is too new leaves everything as it is.
        OndemandState? state = _state.Read();
        _kept = null;
        return new(new KeptDevice(DeviceHandle.TakeOver(descriptor), state));
    }

    /// <inheritdoc/>
    public ValueTask KeepAsync(DeviceHandle device, OndemandState state, CancellationToken cancellationToken)
    {
        _state.Write(state);
        // Without FDPOLL=0 systemd would close a device that reports an error: it is for the daemon to judge that.
        Notify($"FDSTORE=1\nFDNAME={Name}\nFDPOLL=0", device);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask UpdateAsync(OndemandState state, CancellationToken cancellationToken)
    {
        _state.Write(state);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> DropAsync(CancellationToken cancellationToken)
    {
        Notify($"FDSTOREREMOVE=1\nFDNAME={Name}");
        _state.Delete();
        return new(true);
    }

    /// <summary>Sends READY=1, and from now on WATCHDOG=1 twice in each of the unit's WatchdogSec=.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask ServingAsync(CancellationToken cancellationToken)
    {
        Notify("READY=1");
        if (_watchdog > TimeSpan.Zero)
            _alive ??= new Timer(_ => Beat(), null, TimeSpan.Zero, _watchdog / 2);
        return default;
    }

    /// <summary>Sends STOPPING=1.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask StoppingAsync(CancellationToken cancellationToken)
    {
        Notify("STOPPING=1");
        return default;
    }

    /// <summary>Ends the watchdog's beat.</summary>
    public void Dispose() => _alive?.Dispose();

    private static int? FindKept(string? count, string? names)
    {
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || names is null)
            return null;
        var index = Array.IndexOf(names.Split(':'), Name);
        return index >= 0 && index < number ? FirstDescriptor + index : null;
    }

    private void Notify(string message, DeviceHandle? device = null)
    {
        try
        {
            _notify.Send(message, device);
        }
        catch (SocketException e)
        {
            throw new IOException($"systemd cannot be told '{message.ReplaceLineEndings(" ")}': {e.Message}", e);
        }
    }

    private void Beat()
    {
        try
        {
            Notify("WATCHDOG=1");
        }
        catch (IOException)
        {
            // systemd does not hear it, and does what it does then.
        }
    }
}
