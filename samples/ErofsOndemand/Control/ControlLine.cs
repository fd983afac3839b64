using System.Net.Sockets;
using System.Text.Json;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>A request as it comes over the socket: one line of JSON, bounded in size and in time.</summary>
internal static class ControlLine
{
    /// <summary>Bytes of a request at most, its line end included.</summary>
    internal const int MaxBytes = 64 << 10;

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is garbage, or only a half: the message says why.</exception>
    internal static async Task<ControlRequest> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes];
        var filled = 0;
        while (filled == 0 || buffer[filled - 1] != '\n')
        {
            if (filled == buffer.Length)
                throw new InvalidDataException($"a request is one line of at most {MaxBytes} bytes");
            var count = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                throw new InvalidDataException($"the connection ended after {filled} bytes, before the end of the line");
            filled += count;
            if (buffer.AsSpan(0, filled - 1).Contains((byte)'\n'))
                throw new InvalidDataException("there is something behind the line: a connection carries one request");
        }
        return Parse(buffer.AsSpan(0, filled));
    }

    internal static ControlRequest Parse(ReadOnlySpan<byte> line)
    {
        ControlRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(line, RequestJson.Default.ControlRequest);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is no request: {e.Message}", e);
        }
        return request switch
        {
            null => throw new InvalidDataException("it is no request"),
            { Version: not ControlRequest.CurrentVersion } => throw new InvalidDataException($"this daemon speaks version {ControlRequest.CurrentVersion}, not {request.Version}"),
            _ => request,
        };
    }
}
