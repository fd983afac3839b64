using System.Runtime.InteropServices;
using System.Text;

namespace CacheFiles.Interop.Tests.Support;

/// <summary>Messages as the kernel would lay them out.</summary>
internal static class Messages
{
    public static byte[] Open(int fd, uint msgId = 1, uint objectId = 1, string volumeKey = "erofs,volume\0", string cookieKey = "cookie")
    {
        var open = new CacheFilesOpen { VolumeKeySize = (uint)volumeKey.Length, CookieKeySize = (uint)cookieKey.Length, Fd = fd };
        return Message(CacheFilesUapi.CACHEFILES_OP_OPEN, msgId, objectId, [.. Bytes(open), .. Encoding.UTF8.GetBytes(volumeKey + cookieKey)]);
    }

    public static byte[] Read(ulong off = 0, ulong len = 4096, uint msgId = 2, uint objectId = 1)
        => Message(CacheFilesUapi.CACHEFILES_OP_READ, msgId, objectId, Bytes(new CacheFilesRead { Off = off, Len = len }));

    public static byte[] Close(uint msgId = 3, uint objectId = 1) => Message(CacheFilesUapi.CACHEFILES_OP_CLOSE, msgId, objectId, []);

    private static byte[] Message(uint opcode, uint msgId, uint objectId, byte[] payload)
    {
        var header = new CacheFilesMsg { MsgId = msgId, Opcode = opcode, Len = (uint)(16 + payload.Length), ObjectId = objectId };
        return [.. Bytes(header), .. payload];
    }

    private static byte[] Bytes<T>(T value)
        where T : struct => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
}
