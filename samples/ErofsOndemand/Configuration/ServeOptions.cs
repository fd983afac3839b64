using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What the library is told of the configuration.</summary>
internal static class ServeOptions
{
    internal static OndemandOptions ToOptions(this Configuration configuration) => new()
    {
        CacheDirectory = configuration.Get(Settings.CacheDirectory),
        Tag = configuration.Get(Settings.Tag),
        DevicePath = configuration.Get(Settings.Device),
        SecurityContext = configuration.Get(Settings.SecurityContext),
        Limits = new CullLimits
        {
            RunBlocksPercent = configuration.Get(Settings.RunBlocks),
            CullBlocksPercent = configuration.Get(Settings.CullBlocks),
            StopBlocksPercent = configuration.Get(Settings.StopBlocks),
            RunFilesPercent = configuration.Get(Settings.RunFiles),
            CullFilesPercent = configuration.Get(Settings.CullFiles),
            StopFilesPercent = configuration.Get(Settings.StopFiles),
        },
        Culling = new CullingOptions { BudgetBytes = configuration.Get(Settings.Budget), Pinned = configuration.All(Settings.Pin) },
        MaxConcurrentFetches = configuration.Get(Settings.Fetches),
        MaxBufferedBytes = configuration.Get(Settings.Buffers),
        MaxReadAheadBytes = configuration.Get(Settings.ReadAhead),
        FetchAroundBytes = configuration.Get(Settings.Around),
        RequestDeadline = configuration.Get(Settings.RequestDeadline) ?? Timeout.InfiniteTimeSpan,
        DrainTimeout = configuration.Get(Settings.Drain),
        HandOverTimeout = configuration.Get(Settings.HandOver),
    };

    internal static HttpRangeFetcherOptions ToHttpOptions(this Configuration configuration) => new()
    {
        MaxAttempts = configuration.Get(Settings.Attempts),
        AttemptTimeout = configuration.Get(Settings.AttemptTimeout),
        RetryDelay = configuration.Get(Settings.RetryDelay),
        MaxRetryDelay = configuration.Get(Settings.MaxRetryDelay),
        MaxRetryAfter = configuration.Get(Settings.MaxRetryAfter),
        HedgePercent = configuration.Get(Settings.Hedges),
        MaxAskAheadBytes = configuration.Get(Settings.AskAhead),
    };

    internal static PrefetchOptions ToPrefetchOptions(this Configuration configuration) => new()
    {
        MaxConcurrentPieces = configuration.Get(Settings.Pieces),
        MaxBytesPerSecond = configuration.Get(Settings.Bandwidth) ?? 0,
    };

    internal static IDeviceKeeper? ToKeeper(this Configuration configuration)
        => configuration.Get(Settings.Keeper) is { } who ? KeeperOption.Create(who, $"{Settings.Keeper.Name} =") : null;
}
