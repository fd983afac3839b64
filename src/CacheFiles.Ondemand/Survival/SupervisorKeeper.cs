using System.Net.Sockets;
using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>A supervisor process keeps device and state, and is reached over a unix socket: see <see cref="DeviceSupervisor"/>.</summary>
/// <remarks>Covers a daemon that crashes, is killed or is upgraded, where there is no systemd, and upgrades to a program that cannot start: the one that
/// serves is asked to go only when its successor asks for the device. It does not cover the end of the supervisor, which is small for that reason.</remarks>
public sealed class SupervisorKeeper : IDeviceKeeper
{
    private readonly UnixDomainSocketEndPoint _address;
    private readonly string _path;

    /// <summary>Names the supervisor.</summary>
    /// <param name="socketPath">The path of its socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">The path is too long for the address of a socket (107 bytes).</exception>
    public SupervisorKeeper(string socketPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        _address = new UnixDomainSocketEndPoint(socketPath);
        _path = socketPath;
    }

    /// <summary>How long the supervisor may take to answer; a predecessor's hand-over is part of that. Default 60 seconds.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public async ValueTask<KeptDevice?> TakeAsync(CancellationToken cancellationToken)
    {
        SupervisorFrame answer = await AskAsync(new(SupervisorVerb.Take, [OndemandState.CurrentVersion]), cancellationToken).ConfigureAwait(false);
        if (answer.Device is null)
            return null;
        try
        {
            return new KeptDevice(answer.Device, answer.Payload.Length == 0 ? null : OndemandState.Parse(answer.Payload));
        }
        catch
        {
            answer.Device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask KeepAsync(DeviceHandle device, OndemandState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(state);
        await AskAsync(new(SupervisorVerb.Keep, state.ToJson(), device), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask UpdateAsync(OndemandState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        await AskAsync(new(SupervisorVerb.Update, state.ToJson()), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DropAsync(CancellationToken cancellationToken)
    {
        await AskAsync(new(SupervisorVerb.Drop, []), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask ServingAsync(CancellationToken cancellationToken)
        => await AskAsync(new(SupervisorVerb.Serving, []), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask StoppingAsync(CancellationToken cancellationToken)
        => await AskAsync(new(SupervisorVerb.Stopping, []), cancellationToken).ConfigureAwait(false);

    /// <summary>Asks the supervisor to replace the daemon that serves by another program. Returns when that one serves.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cancellationToken">Gives up; the supervisor goes on.</param>
    /// <exception cref="IOException">The supervisor refused: the message says why. The daemon that served still does, or serves again.</exception>
    public async Task UpgradeAsync(IReadOnlyList<string> command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        await AskAsync(new(SupervisorVerb.Upgrade, Encoding.UTF8.GetBytes(string.Concat(command.Select(static a => a + '\0')))), cancellationToken).ConfigureAwait(false);
    }

    private async Task<SupervisorFrame> AskAsync(SupervisorFrame request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(_address, limit.Token).ConfigureAwait(false);
            await request.SendAsync(socket, limit.Token).ConfigureAwait(false);
            SupervisorFrame answer = await SupervisorFrame.ReceiveAsync(socket, limit.Token).ConfigureAwait(false);
            if (answer.Verb != SupervisorVerb.Refused)
                return answer;
            answer.Device?.Dispose();
            throw new IOException($"The supervisor at {_path} refuses: {Encoding.UTF8.GetString(answer.Payload)}");
        }
        catch (SocketException e)
        {
            throw new IOException($"The supervisor at {_path} cannot be reached: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"The supervisor at {_path} has not answered: {e.Message}", e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The supervisor at {_path} has not answered within {AnswerTimeout}.");
        }
    }
}
