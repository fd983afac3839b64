using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>One message of the kernel, decoded. No length in it is trusted.</summary>
internal readonly ref struct Message
{
    private static readonly int s_headerSize = Unsafe.SizeOf<CacheFilesMsg>();
    private static readonly int s_openSize = Unsafe.SizeOf<CacheFilesOpen>();
    private static readonly int s_readSize = Unsafe.SizeOf<CacheFilesRead>();

    private Message(CacheFilesMsg header) => Header = header;

    /// <summary>The header; zero where the message is too short to have one.</summary>
    internal CacheFilesMsg Header { get; }

    /// <summary>What is wrong with the message, or null.</summary>
    internal string? Problem { get; private init; }

    /// <summary>OPEN: the volume key without its NUL.</summary>
    internal ReadOnlySpan<byte> Volume { get; private init; }

    /// <summary>OPEN: the cookie key.</summary>
    internal ReadOnlySpan<byte> Cookie { get; private init; }

    /// <summary>READ: the range.</summary>
    internal ByteRange Range { get; private init; }

    internal static Message Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < s_headerSize)
            return new Message(default) { Problem = $"a message of {bytes.Length} bytes is shorter than its header" };
        CacheFilesMsg header = MemoryMarshal.Read<CacheFilesMsg>(bytes);
        if (header.Len != bytes.Length)
            return new Message(header) { Problem = $"a message of {bytes.Length} bytes says that it has {header.Len}" };
        ReadOnlySpan<byte> payload = bytes[s_headerSize..];
        return header.Opcode switch
        {
            CacheFilesUapi.CACHEFILES_OP_OPEN => DecodeOpen(header, payload),
            CacheFilesUapi.CACHEFILES_OP_READ => DecodeRead(header, payload),
            CacheFilesUapi.CACHEFILES_OP_CLOSE => new Message(header),
            _ => new Message(header) { Problem = $"a message of the unknown kind {header.Opcode}" },
        };
    }

    private static Message DecodeOpen(CacheFilesMsg header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < s_openSize)
            return new Message(header) { Problem = $"an OPEN of {header.Len} bytes is too short" };
        CacheFilesOpen open = MemoryMarshal.Read<CacheFilesOpen>(payload);
        ReadOnlySpan<byte> keys = payload[s_openSize..];
        if ((ulong)open.VolumeKeySize + open.CookieKeySize > (ulong)keys.Length)
            return new Message(header) { Problem = $"an OPEN says that its keys have {open.VolumeKeySize} and {open.CookieKeySize} bytes, but {keys.Length} are there" };
        ReadOnlySpan<byte> volume = keys[..(int)open.VolumeKeySize];
        return new Message(header)
        {
            Volume = volume is [.., 0] ? volume[..^1] : volume,
            Cookie = keys.Slice((int)open.VolumeKeySize, (int)open.CookieKeySize),
        };
    }

    private static Message DecodeRead(CacheFilesMsg header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < s_readSize)
            return new Message(header) { Problem = $"a READ of {header.Len} bytes is too short" };
        CacheFilesRead read = MemoryMarshal.Read<CacheFilesRead>(payload);
        return read.Off > long.MaxValue || read.Len > long.MaxValue - read.Off
            ? new Message(header) { Problem = $"a READ of {read.Len} bytes at {read.Off} ends beyond any file" }
            : new Message(header) { Range = new ByteRange((long)read.Off, (long)read.Len) };
    }
}
