using System.Text;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What is mounted now.</summary>
internal static class MountTable
{
    /// <summary>Whether an EROFS image is mounted on a directory.</summary>
    internal static bool HasErofs(string target) => HasErofs(target, File.ReadLines("/proc/self/mountinfo"));

    internal static bool HasErofs(string target, IEnumerable<string> lines)
        => lines.Any(line => line.Split(" - ") is [var left, var right]
            && right.StartsWith("erofs ", StringComparison.Ordinal)
            && left.Split(' ') is [_, _, _, _, var point, ..]
            && Unescape(point) == target);

    /// <summary>Spaces and their like are written as a backslash and three octal digits, of the bytes of the name.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>();
        ReadOnlySpan<byte> escaped = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] == '\\' && i + 3 < escaped.Length)
            {
                bytes.Add((byte)(((escaped[i + 1] - '0') << 6) + ((escaped[i + 2] - '0') << 3) + (escaped[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(escaped[i]);
            }
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
