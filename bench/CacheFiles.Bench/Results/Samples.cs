namespace CacheFiles.Bench.Results;

/// <summary>What was measured, round by round.</summary>
internal sealed class Samples
{
    private readonly Dictionary<(string Measure, string Variant), List<double>> _values = [];

    internal void Add(string measure, string variant, double value)
    {
        if (!_values.TryGetValue((measure, variant), out List<double>? list))
            _values[(measure, variant)] = list = [];
        list.Add(value);
    }

    /// <summary>The median of all rounds, or null where no round had it.</summary>
    internal double? Median(string measure, string variant)
    {
        if (!_values.TryGetValue((measure, variant), out List<double>? list))
            return null;
        double[] sorted = [.. list.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
