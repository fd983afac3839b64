using System.Globalization;

namespace CacheFiles.Bench.Results;

/// <summary>Which runs make a row.</summary>
internal enum Group
{
    Local,
    Away,
    Objects,
    Simulated,
}

/// <summary>What a row shows, and how it comes from the samples.</summary>
/// <param name="Group">The runs.</param>
/// <param name="Key">The samples' name.</param>
/// <param name="Title">The row's name, without what it is compared with.</param>
/// <param name="Unit">The unit.</param>
/// <param name="References">The variants that it is compared with: the best of them counts.</param>
internal sealed record Measure(Group Group, string Key, string Title, string Unit, params string[] References)
{
    internal string Ours { get; init; } = "ours";

    /// <summary>Whether more is better.</summary>
    internal bool MoreIsBetter { get; init; }

    /// <summary>Whether the ratio says how many times faster it is than the reference, in times that are better when they are shorter.</summary>
    internal bool IsSpeedup { get; init; }

    /// <summary>What the ratio, or the value where there is no reference, is to reach; null where nothing is to be.</summary>
    internal double? Reach { get; init; }

    internal string Name => References switch
    {
        [] => Title,
        [var only] => $"{Title} / {only}",
        _ => $"{Title} / best C",
    };

    internal Row Evaluate(Samples samples)
    {
        var value = samples.Median(Key, Ours);
        double?[] references = [.. References.Select(variant => samples.Median(Key, variant))];
        double? reference = references.Any(r => r is null) ? null : MoreIsBetter ? references.Max() : references.Min();
        var ratio = IsSpeedup ? reference / value : value / reference;
        var upwards = MoreIsBetter || IsSpeedup;
        var judged = References.Length == 0 ? value : ratio;
        return new Row(
            Name,
            Round(value),
            Unit,
            Round(reference),
            Round(ratio),
            Reach is { } reach ? string.Create(CultureInfo.InvariantCulture, $"{(upwards ? ">=" : "<=")} {reach}") : null,
            Reach is null ? null : upwards ? judged >= Reach : judged <= Reach);
    }

    /// <summary>Three digits behind the point are more than is known.</summary>
    private static double? Round(double? value) => value is { } number && double.IsFinite(number) ? Math.Round(number, 3) : null;
}
