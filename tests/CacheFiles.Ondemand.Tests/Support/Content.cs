using System.Buffers.Binary;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>What the blobs of the tests contain: each byte follows from its blob's name and its offset.</summary>
internal static class Content
{
    internal static byte[] Of(string blob, long offset, int length)
    {
        var bytes = new byte[length];
        Fill(blob, offset, bytes);
        return bytes;
    }

    internal static void Fill(string blob, long offset, Span<byte> destination)
    {
        var salt = 0xcbf29ce484222325UL;
        foreach (var letter in blob)
            salt = (salt ^ letter) * 0x100000001b3;
        Span<byte> word = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(salt + (ulong)(offset / 8)));
            ReadOnlySpan<byte> part = word[(int)(offset % 8)..];
            part = part[..Math.Min(part.Length, destination.Length)];
            part.CopyTo(destination);
            destination = destination[part.Length..];
            offset += part.Length;
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
        value = (value ^ value >> 27) * 0x94d049bb133111eb;
        return value ^ value >> 31;
    }
}
