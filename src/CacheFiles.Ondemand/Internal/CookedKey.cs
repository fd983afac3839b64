using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Makes a file name of a cookie key, as the kernel does (fs/cachefiles/key.c): as it is, as hexadecimal words, or in a base 64 of
/// its own, whichever fits.</summary>
internal static class CookedKey
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

    internal static byte[] Cook(ReadOnlySpan<byte> key)
    {
        if (key.IndexOfAnyExceptInRange((byte)33, (byte)127) < 0 && !key.Contains((byte)'/'))
            return [(byte)'D', .. key];
        Span<byte> words = new byte[FscacheHash.WholeWords(key.Length)];
        key.CopyTo(words);
        var big = Hexadecimal('S', words, bigEndian: true);
        var little = Hexadecimal('T', words, bigEndian: false);
        var base64Length = 2 + ((key.Length + 2) / 3 * 4);
        if (big.Length < base64Length || little.Length < base64Length)
            return Encoding.ASCII.GetBytes(big.Length <= little.Length ? big : little);
        return Encoding.ASCII.GetBytes(Base64(key));
    }

    private static string Hexadecimal(char prefix, ReadOnlySpan<byte> words, bool bigEndian)
    {
        var name = new StringBuilder();
        for (; !words.IsEmpty; words = words[sizeof(uint)..])
        {
            name.Append(name.Length == 0 ? prefix : ',');
            var word = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(words) : BinaryPrimitives.ReadUInt32LittleEndian(words);
            // A word of zero has no digits.
            if (word != 0)
                name.Append(CultureInfo.InvariantCulture, $"{word:x}");
        }
        return name.ToString();
    }

    private static string Base64(ReadOnlySpan<byte> key)
    {
        var missing = (3 - (key.Length % 3)) % 3;
        var name = new StringBuilder("E").Append(missing);
        for (; !key.IsEmpty; key = key[Math.Min(3, key.Length)..])
        {
            var bits = key[0] | (key.Length > 1 ? key[1] << 8 : 0) | (key.Length > 2 ? key[2] << 16 : 0);
            for (var i = 0; i < 4; i++, bits >>= 6)
                name.Append(Digits[bits & 63]);
        }
        return name.ToString();
    }
}
