namespace CacheFiles.Ondemand.Internal;

/// <summary>The blocks of an object into which something came ahead in the last second or two. A replay brings more ranges in a moment than
/// <see cref="RecentRanges"/> remembers.</summary>
/// <remarks>A READ seldom waits for so long before it is read. Blocks far apart share a bit: who asks may be told of one too many. Times are those
/// of <see cref="Environment.TickCount64"/>.</remarks>
/// <param name="now">The time.</param>
internal sealed class RecentBlocks(long now)
{
    // In milliseconds.
    internal const long Lately = 1000;
    internal const int BlockSize = 1 << BlockShift;
    private const int BlockShift = 17;
    private const int Bits = 1024;

    private ulong[] _blocks = new ulong[Bits / 64];
    private ulong[] _before = new ulong[Bits / 64];
    private long _since = now;

    internal void Add(ByteRange range, long now)
    {
        Forget(now);
        var first = range.Offset >> BlockShift;
        var last = Math.Min((range.End - 1) >> BlockShift, first + Bits - 1);
        for (var block = first; block <= last; block++)
            _blocks[block / 64 % _blocks.Length] |= 1UL << (int)(block % 64);
    }

    internal bool MayOverlap(long start, long end, long now)
    {
        Forget(now);
        var first = start >> BlockShift;
        var last = Math.Min((end - 1) >> BlockShift, first + Bits - 1);
        for (var block = first; block <= last; block++)
        {
            var word = block / 64 % _blocks.Length;
            if (((_blocks[word] | _before[word]) >> (int)(block % 64) & 1) != 0)
                return true;
        }
        return false;
    }

    private void Forget(long now)
    {
        var age = now - _since;
        if (age < Lately)
            return;
        (_blocks, _before) = (_before, _blocks);
        Array.Clear(_blocks);
        if (age >= 2 * Lately)
            Array.Clear(_before);
        _since = now;
    }
}
