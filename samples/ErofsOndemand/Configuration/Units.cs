using System.Globalization;
using System.Text;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Values as they are written in the configuration file. What is none is a <see cref="FormatException"/> that says what one is.</summary>
internal static class Units
{
    // What the address of a unix socket takes, without its NUL.
    private const int MaxSocketPath = 107;

    private static readonly (string Unit, long Factor)[] s_sizes = [("B", 1), ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40)];
    private static readonly (string Unit, long Factor)[] s_rates = [.. s_sizes.Select(s => (s.Unit + "/s", s.Factor))];
    private static readonly (string Unit, long Factor)[] s_times = [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000)];

    internal static string Text(string text) => text;

    internal static string AbsolutePath(string text)
        => Path.IsPathFullyQualified(text) ? text : throw new FormatException("a path has to be absolute");

    internal static string SocketPath(string text)
        => Encoding.UTF8.GetByteCount(AbsolutePath(text)) <= MaxSocketPath ? text : throw new FormatException($"the path of a socket has {MaxSocketPath} bytes at most");

    internal static Func<string, int> Count(int min, int max)
        => text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= min && count <= max
            ? count
            : throw new FormatException($"it is a number from {min} to {max}, without a unit");

    internal static int Percent(string text)
        => (Scaled(text, [("%", 1)], "a share", "7 %") is var share && share < 100) ? (int)share : throw new FormatException("a share is less than 100 %");

    internal static Func<string, long> Size(long min) => text => AtLeast(min, Scaled(text, s_sizes, "a size", "8 MiB"), "B");

    internal static Func<string, long> Pages => static text => Size(0)(text) is var size && size % Environment.SystemPageSize == 0
        ? size
        : throw new FormatException($"it has to be a multiple of {Environment.SystemPageSize} bytes");

    internal static Func<string, long> Rate => static text => Scaled(text, s_rates, "a rate", "10 MiB/s");

    internal static Func<string, TimeSpan> Time(long minMilliseconds)
        => text => AtLeast(minMilliseconds, Scaled(text, s_times, "a time", "10 s"), "ms") is var time && time <= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond
            ? TimeSpan.FromMilliseconds(time, 0)
            : throw new FormatException("it is too long a time");

    /// <summary>A value, or <see cref="Setting.None"/> for null.</summary>
    internal static Func<string, T?> OrNone<T>(Func<string, T> parse)
        where T : struct
        => text => text == Setting.None ? null : parse(text);

    /// <summary>A text, or <see cref="Setting.None"/> for null.</summary>
    internal static Func<string, string?> TextOrNone(Func<string, string> parse) => text => text == Setting.None ? null : parse(text);

    private static long AtLeast(long min, long value, string unit) => value >= min ? value : throw new FormatException($"it is at least {min} {unit}");

    private static long Scaled(string text, (string Unit, long Factor)[] units, string what, string example)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0)
            digits = text.Length;
        var unit = text[digits..].Trim();
        var factor = units.FirstOrDefault(u => u.Unit == unit).Factor;
        if (digits == 0 || (factor == 0 && text != "0"))
            throw new FormatException($"{what} is a whole number and one of {string.Join(", ", units.Select(u => u.Unit))}, such as '{example}'");
        return long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / Math.Max(factor, 1)
            ? number * factor
            : throw new FormatException("the number is too large");
    }
}
