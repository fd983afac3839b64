using System.Globalization;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>A line of the table.</summary>
internal sealed class Row
{
    /// <summary>How often it is to be done.</summary>
    internal int Kills { get; init; }

    internal int Done { get; set; }

    internal (double Median, double Longest)? Pause { get; set; }

    internal long Reads { get; set; }

    /// <summary>Files that readers found to have other bytes than their source.</summary>
    internal int Wrong { get; set; }

    /// <summary>Reads that failed.</summary>
    internal int Errors { get; set; }

    /// <summary>Readers that never came back.</summary>
    internal int Hung { get; set; }

    /// <summary>Descriptors that the keeper holds in the end and should not: what they are, and how many of each.</summary>
    internal IReadOnlyList<KeyValuePair<string, int>> Descriptors { get; private set; } = [];

    /// <summary>Ended daemons that the keeper has not waited for.</summary>
    internal int Zombies { get; set; }

    /// <summary>What else is to be told.</summary>
    internal string Note { get; set; } = "";

    internal void Take(params Readers[] readers)
    {
        Pause = readers[0].Clock.Take();
        Wrong = readers.Sum(r => r.Wrong);
        Errors = readers.Sum(r => r.Errors);
        Hung = readers.Sum(r => r.Hung);
    }

    /// <summary>Looks at what daemons have left behind with their keeper.</summary>
    /// <param name="keeper">The process.</param>
    /// <param name="before">What it held when it had started its second daemon, as a runtime opens some things late.</param>
    /// <returns>Whether it is clean.</returns>
    internal bool Take(int keeper, IReadOnlyDictionary<string, int> before)
    {
        Zombies = ProcessTable.ZombiesOf(keeper).Length;
        Descriptors = [.. ProcessTable.KindsOf(keeper)
            .Select(kind => KeyValuePair.Create(kind.Key, kind.Value - before.GetValueOrDefault(kind.Key)))
            .Where(kind => kind.Value > 0)];
        return Descriptors.Count == 0 && Zombies == 0;
    }

    /// <summary>Nothing that readers have seen is wrong.</summary>
    internal void AssertGood(string? firstError)
    {
        Assert.True((Wrong, Errors, Hung) == (0, 0, 0), $"{firstError ?? "hangs"} ({this})");
        Assert.True(Done == Kills, $"{Done} of {Kills} were done");
    }

    /// <summary>The fields as eng/torture takes them: kills, p50, max, READs, wrong, errors, hung, descriptors, zombies.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Done}\t{(Pause is { } p ? $"{p.Median:F0}\t{p.Longest:F0}" : "-\t-")}\t{Reads}\t{Wrong}\t{Errors}\t{Hung}\t{Descriptors.Sum(kind => kind.Value)}\t{Zombies}");
}
