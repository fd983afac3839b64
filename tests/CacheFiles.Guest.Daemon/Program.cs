using System.Diagnostics;
using CacheFiles.Guest.Daemon;
using CacheFiles.Ondemand;

// A daemon that tells a test what it does: KEY=VALUE... Each line that it prints is for the DaemonLog of CacheFiles.Guest.Tests.
Console.WriteLine($"begun {Environment.ProcessId}");
var settings = new Settings(args);
using var signals = new StopSignals();
try
{
    await using OndemandCache cache = settings.Keeper is { } keeper
        ? await OndemandCache.BindOrAdoptAsync(settings.Options, KeeperOption.Create(keeper), signals.Token)
        : OndemandCache.Bind(settings.Options);
    if (settings.Crashes)
        Process.GetCurrentProcess().Kill();
    using var files = new FileRangeFetcher(settings.Source);
    var fetcher = new ReportingFetcher(files, settings.Delay);
    if (settings.Prefetch is { } names)
        fetcher.Opened = new Prefetcher(cache, names, settings.Options.CacheDirectory + ".").Opened;
    Console.WriteLine($"ready {Environment.ProcessId}");
    await cache.ServeAsync(fetcher, signals.Token);
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or UsageException)
{
    Console.WriteLine($"refused {e.Message.ReplaceLineEndings(" ")}");
    return 2;
}
