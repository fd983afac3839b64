using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>What a sample does with its cache.</summary>
/// <param name="Serve">Runs once the cache is bound, until it is to stop.</param>
internal sealed record Service(Func<OndemandCache, CancellationToken, Task> Serve)
{
    /// <summary>Starts what runs beside the serving, from when the cache is bound until after the end of it.</summary>
    internal Func<OndemandCache, IAsyncDisposable?> Begin { get; init; } = static _ => null;

    /// <summary>Completes the options.</summary>
    internal Func<OndemandOptions, OndemandOptions> Configure { get; init; } = static options => options;
}
