using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>A server that answers each request as a test says, byte for byte, and so can do wrong whatever a server can.</summary>
internal sealed class FaultServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<FaultRequest, Task> _answer;
    private readonly ConcurrentQueue<FaultRequest> _requests = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly ConcurrentQueue<Exception> _surprises = new();
    private readonly Task _accepting;
    private int _count;

    public FaultServer(Func<FaultRequest, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Uri = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/images/");
        _accepting = AcceptAsync();
    }

    public Uri Uri { get; }

    /// <summary>The requests that have come, in their order.</summary>
    public IReadOnlyList<FaultRequest> Requests => [.. _requests];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (Socket socket in _connections.Keys)
            socket.Dispose();
        await Task.WhenAll(_connections.Values);
        Assert.Empty(_surprises);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _connections[socket] = Task.Run(() => ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await FaultRequest.ReadAsync(stream, socket) is { } request)
            {
                request.Number = Interlocked.Increment(ref _count);
                _requests.Enqueue(request);
                await _answer(request);
                if (request.IsLast)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client has left, or the test has ended.
        }
        catch (Exception e)
        {
            _surprises.Enqueue(e);
        }
    }
}
