namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Something that the program does.</summary>
/// <param name="Name">What it is called by.</param>
/// <param name="Purpose">What it does, in one line.</param>
/// <param name="Run">Does it, with its arguments; gives the exit status.</param>
/// <param name="Options">The arguments that it has besides the common ones.</param>
internal sealed record Verb(string Name, string Purpose, Func<Arguments, Task<int>> Run, params Option[] Options)
{
    /// <summary>What <c>--help</c> says besides; null for nothing.</summary>
    internal Func<string>? More { get; init; }
}
