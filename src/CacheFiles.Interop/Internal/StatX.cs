namespace CacheFiles.Interop.Internal;

/// <summary>struct statx (linux/stat.h), whose layout is the same on every architecture.</summary>
internal static unsafe class StatX
{
    internal static readonly int Size = 256;
    internal static readonly int ModeOffset = 28;
    internal static readonly int BlocksOffset = 48;
    internal static readonly int AccessTimeOffset = 64;
    internal static readonly int ChangeTimeOffset = 96;
    internal static readonly int MajorOffset = 128;
    internal static readonly int MinorOffset = 132;

    /// <summary>Bytes of one of <c>stx_blocks</c>.</summary>
    internal static readonly int BlockSize = 512;

    private static readonly int s_nanosecondsPerTick = 100;

    internal static DateTime Time(byte* timestamp)
        => DateTimeOffset.FromUnixTimeSeconds(*(long*)timestamp).UtcDateTime.AddTicks(*(uint*)(timestamp + 8) / s_nanosecondsPerTick);
}
