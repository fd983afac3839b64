namespace CacheFiles.Bench.Results;

/// <summary>A row of the table, and an element of results.json.</summary>
internal sealed record Row(string Measure, double? Value, string Unit, double? Reference, double? Ratio, string? Reach, bool? Met)
{
    /// <summary>Whether it could not be measured.</summary>
    internal bool HasFailed => Value is null || (Ratio is null && Measure.Contains(" / ", StringComparison.Ordinal));
}
