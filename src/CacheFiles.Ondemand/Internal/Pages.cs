namespace CacheFiles.Ondemand.Internal;

/// <summary>Rounding to pages, the unit in which the kernel takes bytes.</summary>
internal static class Pages
{
    internal static readonly int Size = Environment.SystemPageSize;

    internal static long Floor(long value) => value & -Size;

    internal static int Floor(int value) => value & -Size;

    internal static long Ceiling(long value) => (value + Size - 1) & -Size;

    internal static int Ceiling(int value) => (value + Size - 1) & -Size;
}
