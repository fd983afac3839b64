using System.Net.Sockets;
using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>The other end of <see cref="SupervisorKeeper"/>: holds a device and its state for daemons that come and go. samples/Supervisor is the
/// process around it.</summary>
/// <remarks>Only processes of its own user may talk to it (SO_PEERCRED). What is garbage, or comes too slowly, is refused and changes nothing. The
/// state is kept as it came, also in a format that is newer than this version.</remarks>
public sealed class DeviceSupervisor : IDisposable
{
    private const int MaxConnections = 64;
    // Where a connection cannot be taken, for want of descriptors most likely, the next one cannot either.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly string _path;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly uint _user;
    private readonly object _kept = new();
    private DeviceHandle? _device;
    private byte[] _state = [];

    /// <summary>Listens. Nothing is answered before <see cref="RunAsync"/>.</summary>
    /// <param name="socketPath">Where. A socket that nobody listens on any more is replaced.</param>
    /// <exception cref="IOException">Somebody listens there, or the path cannot be used.</exception>
    public DeviceSupervisor(string socketPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        _path = socketPath;
        var address = new UnixDomainSocketEndPoint(socketPath);
        try
        {
            RemoveStale(address);
            _listener.Bind(address);
            File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(MaxConnections);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new IOException($"{socketPath} cannot be listened on: {e.Message}", e);
        }
        // A listening socket's peer is whoever made it listen.
        _user = PeerCredentials.Of(_listener.SafeHandle).Uid;
    }

    /// <summary>Called before the device is given to a process, with its id: makes the one that serves go, and returns when it has. What it throws is
    /// the answer. Null to give it at once.</summary>
    public Func<int, CancellationToken, Task>? BeforeGive { get; init; }

    /// <summary>Hears which process serves from now on.</summary>
    public Action<int>? OnServing { get; init; }

    /// <summary>Asked to start another program instead of the one that serves; returns when it serves. What it throws is the answer. Null to refuse.</summary>
    public Func<IReadOnlyList<string>, CancellationToken, Task>? OnUpgrade { get; init; }

    /// <summary>Hears of what was refused: one line for each.</summary>
    public Action<string>? OnRefused { get; init; }

    /// <summary>How long a message may take to arrive. Default 5 seconds.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a device is held.</summary>
    public bool HoldsDevice
    {
        get
        {
            lock (_kept)
                return _device is not null;
        }
    }

    /// <summary>Answers until it is stopped.</summary>
    /// <param name="cancellationToken">Stops. What is held is still held.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var free = new SemaphoreSlim(MaxConnections);
        while (true)
        {
            Socket connection;
            try
            {
                await free.WaitAsync(cancellationToken).ConfigureAwait(false);
                connection = await _listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException e)
            {
                // It goes on: whoever comes next is a daemon that needs the device.
                free.Release();
                OnRefused?.Invoke($"a connection cannot be taken: {e.Message}");
                await Task.Delay(s_pause, CancellationToken.None).ConfigureAwait(false);
                continue;
            }
            _ = AnswerAndReleaseAsync(connection);
        }
        // The semaphore is theirs until they have ended.
        for (var i = 1; i < MaxConnections; i++)
            await free.WaitAsync(CancellationToken.None).ConfigureAwait(false);

        async Task AnswerAndReleaseAsync(Socket connection)
        {
            try
            {
                using (connection)
                    await AnswerAsync(connection, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                free.Release();
            }
        }
    }

    /// <summary>Lets go of the device, and removes the socket.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
        Replace(null, []);
    }

    private static void RemoveStale(UnixDomainSocketEndPoint address)
    {
        var path = address.ToString();
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        throw new IOException($"Another supervisor listens on {path}.");
    }

    private async Task AnswerAsync(Socket connection, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MessageTimeout);
        DeviceHandle? received = null;
        try
        {
            PeerCredentials peer = PeerCredentials.Of(connection.SafeHandle);
            if (peer.Uid != _user)
                throw new InvalidDataException($"it is of user {peer.Uid}, and only user {_user} is answered");
            SupervisorFrame request = await SupervisorFrame.ReceiveAsync(connection, limit.Token).ConfigureAwait(false);
            received = request.Device;
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
            await AnswerAsync(connection, request, peer.Pid, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            OnRefused?.Invoke($"a connection was refused: {(e is OperationCanceledException ? "its message did not come in time" : e.Message)}");
            await RefuseAsync(connection, e.Message).ConfigureAwait(false);
        }
        finally
        {
            received?.Dispose();
        }
    }

    private async Task AnswerAsync(Socket connection, SupervisorFrame request, int process, CancellationToken cancellationToken)
    {
        var answer = new SupervisorFrame(SupervisorVerb.Done, []);
        switch (request.Verb)
        {
            case SupervisorVerb.Take:
                using (DeviceHandle? copy = await GiveAsync(request, process, cancellationToken).ConfigureAwait(false))
                    await (copy is null ? answer : new(SupervisorVerb.Device, _state, copy)).SendAsync(connection, cancellationToken).ConfigureAwait(false);
                return;
            case SupervisorVerb.Keep:
                _ = StateRecord.VersionOf(request.Payload);
                Replace((request.Device ?? throw new InvalidDataException("no device came with its state")).Duplicate(), request.Payload);
                break;
            case SupervisorVerb.Update:
                _ = StateRecord.VersionOf(request.Payload);
                lock (_kept)
                    _state = request.Payload;
                break;
            case SupervisorVerb.Drop:
                Replace(null, []);
                break;
            case SupervisorVerb.Serving:
                OnServing?.Invoke(process);
                break;
            case SupervisorVerb.Stopping:
                break;
            case SupervisorVerb.Upgrade when OnUpgrade is not null:
                await OnUpgrade(Encoding.UTF8.GetString(request.Payload).Split('\0', StringSplitOptions.RemoveEmptyEntries), cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new InvalidDataException($"{request.Verb} is nothing that can be asked here");
        }
        await answer.SendAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A duplicate of what is held, once nobody serves it.</summary>
    private async Task<DeviceHandle?> GiveAsync(SupervisorFrame request, int process, CancellationToken cancellationToken)
    {
        // Before anybody is made to go: a successor that cannot read the state is no successor.
        var known = request.Payload is [var newest] ? newest : throw new InvalidDataException("it does not say which states it reads");
        if (_state.Length > 0 && StateRecord.VersionOf(_state) is var version && version > known)
            throw new InvalidDataException($"the kept state has format {version}, and the one who asks reads formats up to {known}: start a newer version");
        if (BeforeGive is not null)
            await BeforeGive(process, cancellationToken).ConfigureAwait(false);
        lock (_kept)
            return _device?.Duplicate();
    }

    private static async Task RefuseAsync(Socket connection, string why)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await new SupervisorFrame(SupervisorVerb.Refused, Encoding.UTF8.GetBytes(why)).SendAsync(connection, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Whoever it was is gone.
        }
    }

    private void Replace(DeviceHandle? device, byte[] state)
    {
        lock (_kept)
        {
            _device?.Dispose();
            _device = device;
            _state = state;
        }
    }
}
