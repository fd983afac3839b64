using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

/// <summary>What comes over the socket, whole, in pieces, too long, too late, or as garbage.</summary>
public sealed class ControlServerTests : IAsyncDisposable
{
    private const string Status = """{"version":1,"verb":"status"}""";
    private readonly string _directory = Directory.CreateTempSubdirectory("control").FullName;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private ControlServer? _server;

    private string SocketPath => Path.Combine(_directory, "socket");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_request_in_pieces_is_answered_in_one_line()
    {
        Serve();
        using Socket socket = await ConnectAsync();
        foreach (var piece in new[] { Status[..7], Status[7..], "\n" })
            await socket.SendAsync(Encoding.UTF8.GetBytes(piece), TestContext.Current.CancellationToken);
        Assert.Equal("""{"version":1}""" + "\n", await ReadAsync(socket));
        Assert.Equal(["status"], _asked);
        Assert.Empty(_complaints);
    }

    [Theory]
    [InlineData("it is no request", "nonsense\n")]
    [InlineData("it is no request", "\n")]
    [InlineData("before the end of the line", Status)]
    [InlineData("before the end of the line", "")]
    [InlineData("a connection carries one request", Status + "\n" + Status + "\n")]
    public async Task Garbage_and_halves_are_refused_and_told_of(string complaint, string sent)
    {
        Serve();
        using (Socket socket = await ConnectAsync())
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(sent), TestContext.Current.CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Contains(complaint, await ReadAsync(socket), StringComparison.Ordinal);
        }
        Assert.Contains(complaint, Assert.Single(_complaints), StringComparison.Ordinal);
        Assert.Empty(_asked);
        await AnswersAsync();
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused()
    {
        Serve();
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(new byte[ControlLine.MaxBytes], TestContext.Current.CancellationToken);
        Assert.Contains("at most 65536 bytes", await ReadAsync(socket), StringComparison.Ordinal);
        await AnswersAsync();
    }

    [Fact]
    public async Task A_request_that_does_not_come_is_given_up_and_others_are_answered_meanwhile()
    {
        Serve(TimeSpan.FromMilliseconds(200));
        using Socket silent = await ConnectAsync();
        using Socket half = await ConnectAsync();
        await half.SendAsync("{"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Contains("did not come in time", await ReadAsync(silent), StringComparison.Ordinal);
        Assert.Contains("did not come in time", await ReadAsync(half), StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task What_the_daemon_cannot_do_is_an_answer()
    {
        Serve();
        using Socket socket = await ConnectAsync();
        await socket.SendAsync("""{"version":1,"verb":"fail"}"""u8.ToArray().Append((byte)'\n').ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("""{"version":1,"error":"it cannot be"}""" + "\n", await ReadAsync(socket));
    }

    [Fact]
    public async Task A_stop_waits_for_nobody()
    {
        Serve();
        using Socket socket = await ConnectAsync();
        await socket.SendAsync("""{"version":1,"verb":"wait"}"""u8.ToArray().Append((byte)'\n').ToArray(), TestContext.Current.CancellationToken);
        while (_asked.IsEmpty)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        Task<string> answer = ReadAsync(socket);
        await _server!.DisposeAsync().AsTask().WaitAsync(SampleProcess.Patience, TestContext.Current.CancellationToken);
        _server = null;
        Assert.Equal("", await answer);
        Assert.Empty(_complaints);
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task What_a_killed_daemon_has_left_is_replaced_and_the_socket_is_for_its_user_only()
    {
        await File.WriteAllTextAsync(SocketPath, "", TestContext.Current.CancellationToken);
        Serve();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        await AnswersAsync();
    }

    private void Serve(TimeSpan? messageTimeout = null) => _server = new ControlServer(SocketPath, AnswerAsync, _complaints.Enqueue, messageTimeout);

    private async Task<ControlAnswer> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        _asked.Enqueue(request.Verb);
        if (request.Verb == "wait")
            await Task.Delay(Timeout.Infinite, cancellationToken);
        return request.Verb == "fail" ? throw new InvalidOperationException("it cannot be") : new ControlAnswer();
    }

    private async Task AnswersAsync()
    {
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(Status + "\n"), TestContext.Current.CancellationToken);
        Assert.Equal("""{"version":1}""" + "\n", await ReadAsync(socket));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(SampleProcess.Patience, TestContext.Current.CancellationToken);
            if (count == 0)
                return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }
}
