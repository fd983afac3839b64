using System.Net.Sockets;
using System.Text;

namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>A request as it came, and the connection to answer it on.</summary>
internal sealed class FaultRequest
{
    private readonly NetworkStream _stream;
    private readonly Socket _socket;
    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    private FaultRequest(NetworkStream stream, Socket socket, string[] head)
    {
        (_stream, _socket) = (stream, socket);
        (Method, Target) = (head[0].Split(' ')[0], head[0].Split(' ')[1]);
        foreach (var line in head.Skip(1))
            _headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    /// <summary>The how-manieth of its server it is, from 1.</summary>
    public int Number { get; set; }

    public string Method { get; }

    /// <summary>Path and query.</summary>
    public string Target { get; }

    public string? this[string header] => _headers.GetValueOrDefault(header);

    /// <summary>Whether the server closes the connection behind the answer.</summary>
    public bool IsLast { get; private set; }

    /// <summary>The range that is asked for; its end is int.MaxValue where none is.</summary>
    public (int Start, int End) Range
        => this["Range"] is { } range && range["bytes=".Length..].Split('-') is [var first, var last] ? (int.Parse(first), int.Parse(last) + 1) : (0, int.MaxValue);

    public static async Task<FaultRequest?> ReadAsync(NetworkStream stream, Socket socket)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return null;
            head.Append((char)one[0]);
        }
        return new FaultRequest(stream, socket, head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Sends lines of a head, and the empty line behind them.</summary>
    public Task HeadAsync(params string?[] lines)
        => _stream.WriteAsync(Encoding.Latin1.GetBytes(string.Concat(lines.Where(line => line is not null).Select(line => line + "\r\n")) + "\r\n")).AsTask();

    public Task BodyAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>Sends a chunk, or nothing where it is empty: that would be the end.</summary>
    public async Task ChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        await _stream.WriteAsync(Encoding.Latin1.GetBytes($"{bytes.Length:x}\r\n"));
        await _stream.WriteAsync(bytes);
        await _stream.WriteAsync("\r\n"u8.ToArray());
    }

    /// <summary>Closes the connection behind what was sent.</summary>
    public void Close() => IsLast = true;

    /// <summary>Closes the connection with a RST.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
        IsLast = true;
    }

    /// <summary>Completes when the client has closed the connection.</summary>
    public async Task ClientLeavesAsync()
    {
        IsLast = true;
        try
        {
            while (await _stream.ReadAsync(new byte[1024]) > 0)
            {
            }
        }
        catch (IOException)
        {
            // It left with a RST.
        }
    }
}
