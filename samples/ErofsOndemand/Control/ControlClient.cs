using System.Net.Sockets;
using System.Text.Json;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Asks the daemon.</summary>
internal static class ControlClient
{
    /// <summary>Asks, and waits for as long as the daemon takes.</summary>
    /// <exception cref="IOException">It cannot be reached, or it refuses: the message says why.</exception>
    internal static async Task<(ControlAnswer Answer, string Line)> AskAsync(Configuration configuration, ControlRequest request, CancellationToken cancellationToken = default)
    {
        var path = configuration.Get(Settings.Socket);
        // Made before the connection, which has not much time.
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(request, RequestJson.Default.ControlRequest), (byte)'\n'];
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            using var reader = new StreamReader(stream);
            var line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new IOException($"The daemon at {path} ended before it answered.");
            ControlAnswer answer = JsonSerializer.Deserialize(line, AnswerJson.Default.ControlAnswer)!;
            return answer.Error is null ? (answer, line) : throw new IOException($"The daemon refuses: {answer.Error}");
        }
        catch (SocketException e)
        {
            throw new IOException($"The daemon cannot be reached at {path}: {e.Message}: is it running, with this configuration?", e);
        }
        catch (JsonException e)
        {
            throw new IOException($"What answers at {path} is no daemon of this version: {e.Message}", e);
        }
    }

    internal static Task<(ControlAnswer Answer, string Line)> AskAsync(Configuration configuration, string verb, CancellationToken cancellationToken = default)
        => AskAsync(configuration, new ControlRequest { Version = ControlRequest.CurrentVersion, Verb = verb }, cancellationToken);
}
