namespace CacheFiles.Ondemand.Internal;

/// <summary>The ranges of an object that came into the cache last.</summary>
internal sealed class RecentRanges
{
    private readonly ByteRange[] _ranges = new ByteRange[32];
    private uint _next;

    internal void Add(ByteRange range) => _ranges[_next++ % _ranges.Length] = range;

    internal bool Overlap(long start, long end)
    {
        foreach (ref readonly ByteRange range in _ranges.AsSpan())
        {
            if (range.Offset < end && range.End > start)
                return true;
        }
        return false;
    }
}
