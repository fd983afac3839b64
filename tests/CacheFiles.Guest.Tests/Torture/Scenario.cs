using System.Globalization;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>What is done to a daemon while eight readers read.</summary>
/// <param name="Name">How it is called in the table.</param>
/// <param name="Share">Which part of the kills that were asked for it makes.</param>
/// <param name="RunAsync">Does it, and fills the row.</param>
internal sealed record Scenario(string Name, double Share, Func<Row, Random, Task> RunAsync)
{
    /// <summary>Much longer than anything takes: what takes longer hangs.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromMinutes(5);
}

/// <summary>A line of the table.</summary>
internal sealed class Row
{
    internal int Kills { get; init; }

    internal int Done { get; set; }

    internal (double Median, double Longest)? Pause { get; set; }

    internal long Reads { get; set; }

    internal int Errors { get; set; }

    /// <summary>The fields as eng/torture takes them: kills, p50, max, READs, errors.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Done}\t{(Pause is { } p ? $"{p.Median:F0}\t{p.Longest:F0}" : "-\t-")}\t{Reads}\t{Errors}");
}
