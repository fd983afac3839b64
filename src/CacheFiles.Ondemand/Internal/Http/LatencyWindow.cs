namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>The last first-byte latencies of a mirror, and what 95 of 100 of them stayed within.</summary>
internal sealed class LatencyWindow
{
    internal const int Size = 128;

    // With fewer samples than this the 95th percentile is only the slowest of them.
    internal const int Fewest = 20;

    private readonly long[] _samples = new long[Size];
    private int _count;
    private long _percentile95 = -1;

    /// <summary>Null while there are too few samples.</summary>
    internal TimeSpan? Percentile95 => Volatile.Read(ref _percentile95) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    internal void Record(TimeSpan latency)
    {
        lock (_samples)
        {
            _samples[_count++ % Size] = latency.Ticks;
            // The figure need not be fresher than this, and sorting for each response would cost more than it tells.
            if (_count < Fewest || _count % (Fewest / 2) != 0)
                return;
            Span<long> sorted = stackalloc long[Math.Min(_count, Size)];
            _samples.AsSpan(0, sorted.Length).CopyTo(sorted);
            sorted.Sort();
            Volatile.Write(ref _percentile95, sorted[(sorted.Length - 1) * 95 / 100]);
        }
    }
}
