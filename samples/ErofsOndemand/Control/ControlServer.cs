using System.Net.Sockets;
using System.Text.Json;
using CacheFiles.Interop;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Answers requests over a unix socket: one for each connection, of the daemon's own user and root only (SO_PEERCRED). What is refused
/// changes nothing.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private const int MaxConnections = 64;
    // Where a connection cannot be taken, for want of descriptors most likely, the next one cannot either.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly string _path;
    private readonly Func<ControlRequest, CancellationToken, Task<ControlAnswer>> _answer;
    private readonly Action<string> _complain;
    private readonly TimeSpan _messageTimeout;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly uint _user;
    private readonly Task _running;

    /// <summary>Begins to listen. Whoever gets so far has the device: a socket that is there already is nobody's any more.</summary>
    /// <param name="path">Where.</param>
    /// <param name="answer">Answers a request; what it throws is the answer too.</param>
    /// <param name="complain">Hears of what was refused: one line for each.</param>
    /// <param name="messageTimeout">How long a request may take to arrive, and its answer to be taken; null for 5 seconds.</param>
    /// <exception cref="IOException">The path cannot be used.</exception>
    internal ControlServer(string path, Func<ControlRequest, CancellationToken, Task<ControlAnswer>> answer, Action<string> complain, TimeSpan? messageTimeout = null)
    {
        _path = path;
        _answer = answer;
        _complain = complain;
        _messageTimeout = messageTimeout ?? TimeSpan.FromSeconds(5);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(path);
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(MaxConnections);
        }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException)
        {
            _listener.Dispose();
            throw new IOException($"the control socket {path} cannot be listened on: {e.Message}", e);
        }
        // A listening socket's peer is whoever made it listen.
        _user = PeerCredentials.Of(_listener.SafeHandle).Uid;
        _running = RunAsync();
    }

    /// <summary>Gives up what is being answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _listener.Dispose();
        File.Delete(_path);
        _stop.Dispose();
    }

    /// <summary>Who may ask.</summary>
    internal static bool MayAsk(uint user, uint own) => user == own || user == 0;

    private async Task RunAsync()
    {
        using var free = new SemaphoreSlim(MaxConnections);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await free.WaitAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            try
            {
                Socket connection = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                _ = AnswerAndReleaseAsync(connection);
            }
            catch (OperationCanceledException)
            {
                free.Release();
            }
            catch (SocketException e)
            {
                free.Release();
                _complain($"a control connection cannot be taken: {e.Message}");
                await Task.Delay(s_pause).ConfigureAwait(false);
            }
        }
        // The semaphore is theirs until they have ended.
        for (var i = 0; i < MaxConnections; i++)
            await free.WaitAsync().ConfigureAwait(false);

        async Task AnswerAndReleaseAsync(Socket connection)
        {
            try
            {
                using (connection)
                    await SendAsync(connection, await AnswerAsync(connection).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException || _stop.IsCancellationRequested)
            {
                // Whoever it was is gone, or takes nothing; or the daemon ends, and nobody is to wait for that.
            }
            finally
            {
                free.Release();
            }
        }
    }

    private async Task<ControlAnswer> AnswerAsync(Socket connection)
    {
        try
        {
            PeerCredentials peer = PeerCredentials.Of(connection.SafeHandle);
            if (!MayAsk(peer.Uid, _user))
                throw new InvalidDataException($"it is of user {peer.Uid}, and only user {_user} and root are answered");
            return await _answer(await ReadAsync(connection).ConfigureAwait(false), _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !_stop.IsCancellationRequested)
        {
            _complain($"a control request was refused: {e.Message}");
            return new ControlAnswer { Error = e.Message };
        }
    }

    private async Task<ControlRequest> ReadAsync(Socket connection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_messageTimeout);
        try
        {
            return await ControlLine.ReadAsync(connection, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!_stop.IsCancellationRequested)
        {
            throw new InvalidDataException("the request did not come in time", e);
        }
    }

    private async Task SendAsync(Socket connection, ControlAnswer answer)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(answer, AnswerJson.Default.ControlAnswer), (byte)'\n'];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_messageTimeout);
        for (var sent = 0; sent < line.Length;)
            sent += await connection.SendAsync(line.AsMemory(sent), limit.Token).ConfigureAwait(false);
        // Closing with something unread would take the answer away from whoever sent too much.
        connection.Shutdown(SocketShutdown.Send);
        var rest = new byte[ControlLine.MaxBytes];
        while (await connection.ReceiveAsync(rest, limit.Token).ConfigureAwait(false) > 0)
        {
        }
    }
}
