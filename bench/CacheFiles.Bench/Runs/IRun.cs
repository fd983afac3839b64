namespace CacheFiles.Bench.Runs;

/// <summary>What is measured with one daemon after the other.</summary>
internal interface IRun
{
    Results.Group Group { get; }

    /// <summary>The daemons, each with its part of a round. A part that fails leaves its samples out.</summary>
    IReadOnlyList<(string Name, Func<Task> RunAsync)> Parts { get; }

    /// <summary>Whether one round is enough.</summary>
    bool IsOnce { get; }
}
