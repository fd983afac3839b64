using System.Buffers.Binary;
using System.Numerics;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The hash of fscache keys (fs/fscache/main.c, fscache_hash): little-endian words, the same on every machine.</summary>
internal static class FscacheHash
{
    private const uint GoldenRatio = 0x61C88647;

    /// <summary>The hash of a cookie key, salted with that of its volume's key.</summary>
    internal static uint OfCookie(ReadOnlySpan<byte> volume, ReadOnlySpan<byte> cookie)
    {
        // The volume's key has its length before it and a NUL behind.
        var volumeKey = new byte[WholeWords(volume.Length + 2)];
        volumeKey[0] = (byte)volume.Length;
        volume.CopyTo(volumeKey.AsSpan(1));
        var cookieKey = new byte[WholeWords(cookie.Length)];
        cookie.CopyTo(cookieKey);
        return Hash(Hash(0, volumeKey), cookieKey);
    }

    internal static int WholeWords(int length) => (length + 3) & ~3;

    private static uint Hash(uint salt, ReadOnlySpan<byte> words)
    {
        uint x = 0, y = salt;
        for (; !words.IsEmpty; words = words[sizeof(uint)..])
        {
            x ^= BinaryPrimitives.ReadUInt32LittleEndian(words);
            y ^= x;
            x = unchecked(BitOperations.RotateLeft(x, 7) + y);
            y = unchecked(BitOperations.RotateLeft(y, 20) * 9);
        }
        return Fold(y ^ Fold(x));
    }

    private static uint Fold(uint value) => unchecked(value * GoldenRatio);
}
