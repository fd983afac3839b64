using System.Buffers.Binary;

namespace CacheFiles.Fuzz.Messages;

/// <summary>Makes messages as a kernel does.</summary>
internal static class MessageMaker
{
    /// <summary>Makes a valid message of a random kind.</summary>
    /// <returns>Its length.</returns>
    internal static int Make(Random random, Span<byte> buffer) => random.Next(3) switch
    {
        0 => Open(random, buffer),
        1 => Read(buffer, Any(random), Any(random), random.NextInt64(1L << random.Next(1, 63)), random.NextInt64(1L << random.Next(1, 62))),
        _ => Close(buffer, Any(random), Any(random)),
    };

    internal static int Read(Span<byte> buffer, uint id, uint target, long offset, long length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer[Layout.OffsetAt..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(buffer[Layout.CountAt..], length);
        return Header(buffer, id, Layout.Read, target, Layout.KeysAt);
    }

    internal static int Close(Span<byte> buffer, uint id, uint target) => Header(buffer, id, Layout.Close, target, Layout.HeaderSize);

    private static int Open(Random random, Span<byte> buffer)
    {
        var cookie = random.Next(4) == 0 ? random.Next(256) : random.Next(1, 40);
        var volume = random.Next(1, 40);
        Span<byte> keys = buffer.Slice(Layout.KeysAt, volume + 1 + cookie);
        random.NextBytes(keys);
        keys[volume] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.VolumeSizeAt..], volume + 1);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.CookieSizeAt..], cookie);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.CountAt..], -1);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.FlagsAt..], 0);
        return Header(buffer, Any(random), Layout.Open, Any(random), Layout.KeysAt + keys.Length);
    }

    private static int Header(Span<byte> buffer, uint id, uint opcode, uint target, int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[Layout.IdAt..], id);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[Layout.OpcodeAt..], opcode);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.LengthAt..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[Layout.ObjectAt..], target);
        return length;
    }

    private static uint Any(Random random) => (uint)random.NextInt64(1L << 32);
}
