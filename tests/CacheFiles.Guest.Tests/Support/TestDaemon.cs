using System.Collections.Concurrent;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>A daemon in this process, on the real device.</summary>
internal sealed class TestDaemon : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly OndemandCache _cache;
    private readonly Task _serving;
    private readonly bool _ownsDirectory;

    private TestDaemon(Func<OndemandOptions, OndemandOptions>? configure, string? cacheDirectory, string source)
    {
        _ownsDirectory = cacheDirectory is null;
        CacheDirectory = cacheDirectory ?? GuestMachine.NewCacheDirectory();
        Fetcher = new TestFetcher(source);
        var options = new OndemandOptions { CacheDirectory = CacheDirectory, Tag = Path.GetFileName(CacheDirectory), OnFault = Faults.Enqueue };
        _cache = OndemandCache.Bind(configure is null ? options : configure(options));
        _serving = _cache.ServeAsync(Fetcher, _stop.Token);
    }

    internal OndemandCache Cache => _cache;

    internal string CacheDirectory { get; }

    internal TestFetcher Fetcher { get; }

    internal ConcurrentQueue<OndemandFault> Faults { get; } = new();

    /// <summary>Binds a cache, a new one unless a directory is given, and serves a directory, the images unless another is given.</summary>
    internal static TestDaemon Start(Func<OndemandOptions, OndemandOptions>? configure = null, string? cacheDirectory = null, string? source = null)
        => new(configure, cacheDirectory, source ?? GuestMachine.Blobs);

    /// <summary>Asks it to stop. The task completes when the device is closed.</summary>
    internal Task StopAsync()
    {
        _stop.Cancel();
        return Bounded.Within("the daemon does not stop", _serving);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _cache.DisposeAsync();
        Fetcher.Dispose();
        _stop.Dispose();
        if (_ownsDirectory)
            Directory.Delete(CacheDirectory, recursive: true);
    }
}
