using BenchmarkDotNet.Attributes;
using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Benchmarks;

/// <summary>Messages as the kernel writes them.</summary>
public class DecoderBenchmarks
{
    // Header of 16 bytes (id, opcode, length, object), then the offset and the length of the READ.
    private readonly byte[] _read = [1, 0, 0, 0, 2, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0];

    // The sizes of the keys, the descriptor and flags, then the keys: "erofs\0" and "image".
    private readonly byte[] _open =
    [
        1, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0,
        (byte)'e', (byte)'r', (byte)'o', (byte)'f', (byte)'s', 0, (byte)'i', (byte)'m', (byte)'a', (byte)'g', (byte)'e',
    ];

    /// <summary>A READ.</summary>
    [Benchmark]
    public long Read()
    {
        Message message = Message.Decode(_read);
        return message.Problem is null ? message.Range.Offset : throw new InvalidOperationException(message.Problem);
    }

    /// <summary>An OPEN, with the key that it becomes.</summary>
    [Benchmark]
    public ObjectKey Open()
    {
        Message message = Message.Decode(_open);
        return message.Problem is null ? new ObjectKey(message.Volume, message.Cookie) : throw new InvalidOperationException(message.Problem);
    }

    /// <summary>A message that was cut off: refused with words.</summary>
    [Benchmark]
    public uint Malformed() => Message.Decode(_read.AsSpan(0, 20)).Header.Opcode == CacheFilesUapi.CACHEFILES_OP_READ ? 1u : 0;
}
