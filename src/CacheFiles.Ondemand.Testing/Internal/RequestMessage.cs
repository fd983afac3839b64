using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>A request as the bytes that read(2) gives.</summary>
internal static class RequestMessage
{
    private static readonly int s_headerSize = Unsafe.SizeOf<CacheFilesMsg>();
    private static readonly int s_payloadSize = Unsafe.SizeOf<CacheFilesOpen>();

    internal static int LengthOf(SimulatedRequest request) => request.Opcode switch
    {
        CacheFilesUapi.CACHEFILES_OP_OPEN => s_headerSize + s_payloadSize + request.Object.Key.Volume.Length + 1 + request.Object.Key.Cookie.Length,
        CacheFilesUapi.CACHEFILES_OP_READ => s_headerSize + s_payloadSize,
        _ => s_headerSize,
    };

    internal static void Write(SimulatedRequest request, Span<byte> message)
    {
        MemoryMarshal.Write(message, new CacheFilesMsg
        {
            MsgId = request.Id,
            Opcode = request.Opcode,
            Len = (uint)message.Length,
            ObjectId = (uint)request.Object.Id,
        });
        Span<byte> payload = message[s_headerSize..];
        if (request.Opcode == CacheFilesUapi.CACHEFILES_OP_READ)
        {
            MemoryMarshal.Write(payload, new CacheFilesRead { Off = (ulong)request.Range.Offset, Len = (ulong)request.Range.Length });
        }
        else if (request.Opcode == CacheFilesUapi.CACHEFILES_OP_OPEN)
        {
            ObjectKey key = request.Object.Key;
            // The handle has taken the descriptor out of the message, as Interop does.
            MemoryMarshal.Write(payload, new CacheFilesOpen
            {
                VolumeKeySize = (uint)key.Volume.Length + 1,
                CookieKeySize = (uint)key.Cookie.Length,
                Fd = -1,
            });
            Span<byte> keys = payload[s_payloadSize..];
            key.Volume.CopyTo(keys);
            keys[key.Volume.Length] = 0;
            key.Cookie.CopyTo(keys[(key.Volume.Length + 1)..]);
        }
    }
}
