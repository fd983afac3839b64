using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Daemon;

/// <summary>What a test wants of the daemon: <c>KEY=VALUE</c> for each setting; of one that is there twice the last counts.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, string> _values = [];

    internal Settings(string[] arguments)
    {
        foreach (var setting in arguments.Select(a => a.Split('=', 2)))
            _values[setting[0]] = setting[1];
    }

    /// <summary>As the samples have it, or null for none.</summary>
    internal string? Keeper => _values["keeper"] is var who && who == "none" ? null : who;

    /// <summary>The directory that is served.</summary>
    internal string Source => _values["source"];

    /// <summary>What is waited before each fetch.</summary>
    internal TimeSpan Delay => TimeSpan.FromMilliseconds(Number("delay"));

    /// <summary>How the names of the objects begin that are prefetched when they are opened, or null.</summary>
    internal string? Prefetch => _values.GetValueOrDefault("prefetch");

    /// <summary>Whether it ends as soon as it has the device.</summary>
    internal bool Crashes => _values.ContainsKey("crash");

    internal OndemandOptions Options => new()
    {
        CacheDirectory = _values["cache"],
        Tag = _values.GetValueOrDefault("tag"),
        MaxReadAheadBytes = Number("ahead"),
        Culling = new() { BudgetBytes = _values.ContainsKey("budget") ? Number("budget") : null },
        // Little of the disk is enough for the tests.
        Limits = _values.ContainsKey("full") ? new() { StopBlocksPercent = 0, CullBlocksPercent = 1, RunBlocksPercent = 2 } : null,
        OnFault = fault => Console.WriteLine($"fault {fault.ToString().ReplaceLineEndings(" ")}"),
    };

    private long Number(string name) => _values.TryGetValue(name, out var value) ? long.Parse(value, null) : 0;
}
