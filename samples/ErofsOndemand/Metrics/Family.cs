using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What one instrument has measured, for each value of its attribute. The library's instruments have one attribute at most.</summary>
internal sealed class Family(Instrument instrument)
{
    private readonly ConcurrentDictionary<string, Series> _series = new();

    internal Instrument Instrument { get; } = instrument;

    internal bool IsHistogram { get; } = instrument is Histogram<double>;

    /// <summary>Whether it can only grow.</summary>
    internal bool IsCounter { get; } = instrument is Counter<long>;

    internal IEnumerable<Series> Series => _series.Values.OrderBy(s => s.Value, StringComparer.Ordinal);

    internal void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        (string? name, string? tag) = tags.IsEmpty ? (null, null) : (tags[0].Key, tags[0].Value as string);
        if (!_series.TryGetValue(tag ?? "", out Series? series))
            series = _series.GetOrAdd(tag ?? "", new Series(name, tag, IsHistogram));
        series.Take(value, Instrument.IsObservable);
    }
}
