using System.Globalization;

namespace CacheFiles.Ondemand;

/// <summary>A range of an object, in bytes.</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The first byte behind the range.</summary>
    public long End => Offset + Length;

    /// <summary>The range from one offset up to, and without, another.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="end">The first byte behind.</param>
    public static ByteRange FromBounds(long start, long end) => new(start, end - start);

    /// <summary>The range as <c>[offset, end)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Offset}, {End})");
}
