namespace CacheFiles.Guest.Tests.Torture;

/// <summary>What is done to a daemon while eight readers read.</summary>
/// <param name="Name">How it is called in the table.</param>
/// <param name="Share">Which part of the kills that were asked for it makes.</param>
/// <param name="RunAsync">Does it, and fills the row.</param>
internal sealed record Scenario(string Name, double Share, Func<Row, Random, Task> RunAsync)
{
    /// <summary>Much longer than anything takes: what takes longer hangs.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromMinutes(3);
}
