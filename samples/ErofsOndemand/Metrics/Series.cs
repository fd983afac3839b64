namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>A number that is measured again and again, or for a histogram several.</summary>
/// <param name="name">The attribute's name; null for none.</param>
/// <param name="value">The attribute's value.</param>
/// <param name="isHistogram">Whether it counts by size.</param>
internal sealed class Series(string? name, string? value, bool isHistogram)
{
    private readonly long[] _buckets = isHistogram ? new long[s_bounds.Length] : [];
    private double _sum;
    private long _count;

    // Seconds: from a local disk to a source at its deadline.
    private static readonly double[] s_bounds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

    internal string? Name => name;

    internal string? Value => value;

    /// <summary>The upper bounds of a histogram's buckets, in seconds.</summary>
    internal static ReadOnlySpan<double> Bounds => s_bounds;

    internal double Sum
    {
        get
        {
            lock (_buckets)
                return _sum;
        }
    }

    /// <summary>All of a histogram at one moment; what is in each bucket is in the next ones too.</summary>
    internal (double Sum, long Count, long[] UpTo) Read()
    {
        lock (_buckets)
        {
            var upTo = (long[])_buckets.Clone();
            for (var i = 1; i < upTo.Length; i++)
                upTo[i] += upTo[i - 1];
            return (_sum, _count, upTo);
        }
    }

    internal void Take(double measured, bool isAbsolute)
    {
        lock (_buckets)
        {
            _sum = isAbsolute ? measured : _sum + measured;
            _count++;
            for (var i = 0; i < _buckets.Length; i++)
            {
                if (measured > s_bounds[i])
                    continue;
                _buckets[i]++;
                break;
            }
        }
    }
}
