using System.Runtime.Intrinsics;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The ranges of an object that came into the cache last.</summary>
/// <remarks>Every READ compares with all of them: in units of 4 KiB, four at once.</remarks>
internal sealed class RecentRanges
{
    internal const int Count = 32;
    private const int UnitShift = 12;

    // An object has less than 2^32 units: EROFS numbers its blocks with 32 bits.
    private readonly uint[] _first = new uint[Count];
    private readonly uint[] _last = new uint[Count];
    private uint _next;

    internal RecentRanges()
    {
        // The first of these is behind the last: they overlap nothing.
        Array.Fill(_first, uint.MaxValue);
    }

    internal void Add(ByteRange range)
    {
        var index = _next++ % Count;
        _first[index] = Unit(range.Offset);
        _last[index] = Unit(range.End - 1);
    }

    /// <summary>Whether one of them has a unit in common with a range.</summary>
    internal bool Overlap(long start, long end)
    {
        Vector128<uint> first = Vector128.Create(Unit(start)), last = Vector128.Create(Unit(end - 1)), found = default;
        for (nuint i = 0; i < Count; i += (nuint)Vector128<uint>.Count)
        {
            found |= Vector128.LessThanOrEqual(Vector128.LoadUnsafe(ref _first[0], i), last)
                & Vector128.GreaterThanOrEqual(Vector128.LoadUnsafe(ref _last[0], i), first);
        }
        return found != Vector128<uint>.Zero;
    }

    private static uint Unit(long offset) => (uint)(offset >> UnitShift);
}
