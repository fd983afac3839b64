using System.Globalization;
using System.Text;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Writes the bytes of a key as one word.</summary>
internal static class TraceKey
{
    internal static string Encode(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            return "%";
        var word = new StringBuilder(key.Length);
        foreach (var value in key)
        {
            if (char.IsAsciiLetterOrDigit((char)value) || "-._,:".Contains((char)value, StringComparison.Ordinal))
                word.Append((char)value);
            else
                word.Append(CultureInfo.InvariantCulture, $"%{value:x2}");
        }
        return word.ToString();
    }

    internal static bool TryDecode(string word, out byte[] key)
    {
        var bytes = new List<byte>(word.Length);
        key = [];
        if (word == "%")
            return true;
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] != '%')
            {
                if (word[i] > 0x7e)
                    return false;
                bytes.Add((byte)word[i]);
                continue;
            }
            if (i + 2 >= word.Length || !byte.TryParse(word.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                return false;
            bytes.Add(value);
            i += 2;
        }
        key = [.. bytes];
        return true;
    }
}
