using System.Diagnostics;
using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A daemon that somebody keeps the device for, and starts again.</summary>
internal abstract class KeptDaemon : IAsyncDisposable
{
    // tests/CacheFiles.Guest.Daemon.
    private const string Program = "/opt/samples/CacheFiles.Guest.Daemon/CacheFiles.Guest.Daemon";
    private readonly bool _ownsCache;

    protected KeptDaemon(string keeper, string[] settings)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("kept-").FullName;
        Log = new DaemonLog(Path.Combine(Directory, "log"));
        _ownsCache = !settings.Any(s => s.StartsWith("cache=", StringComparison.Ordinal));
        CacheDirectory = _ownsCache ? GuestMachine.NewCacheDirectory() : settings.First(s => s.StartsWith("cache=", StringComparison.Ordinal))["cache=".Length..];
        Command = CommandOf(keeper, _ownsCache ? [.. settings, $"cache={CacheDirectory}"] : settings);
    }

    internal string CacheDirectory { get; }

    internal DaemonLog Log { get; }

    /// <summary>The process that keeps the device.</summary>
    internal abstract int KeeperId { get; }

    /// <summary>Of this daemon's own; removed at the end.</summary>
    protected string Directory { get; }

    /// <summary>The program and its arguments.</summary>
    protected string[] Command { get; }

    internal static Task<KeptDaemon> StartAsync(string way, params string[] settings) => StartAsync(way switch
    {
        "supervisor" => new SupervisedDaemon(settings),
        "parent" => new ParentedDaemon(settings),
        "systemd" => new SystemdDaemon(settings),
        _ => throw new ArgumentException($"nobody keeps a device like this: {way}"),
    });

    internal static async Task<KeptDaemon> StartAsync(KeptDaemon daemon)
    {
        try
        {
            await daemon.BeginAsync();
            await daemon.Log.ReadyAsync(1);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command line of a daemon.</summary>
    /// <param name="keeper">As the samples have it, or none.</param>
    /// <param name="settings">KEY=VALUE for each.</param>
    internal static string[] CommandOf(string keeper, IEnumerable<string> settings)
        => [Program, $"keeper={keeper}", $"source={GuestMachine.Blobs}", .. settings];

    /// <summary>kill -9 of the one that serves, and waits for the next.</summary>
    internal async Task KillAsync()
    {
        var count = Log.Ready.Length;
        Kill();
        await Log.ReadyAsync(count + 1);
    }

    /// <summary>kill -9 of the one that was started last, whether it serves yet or not.</summary>
    internal void Kill()
    {
        using var process = Process.GetProcessById(Log.Begun[^1]);
        process.Kill();
    }

    /// <summary>The keeper holds the device once, nothing else of it, and has waited for every process that has ended, or does so soon.</summary>
    internal async Task AssertKeeperIsCleanAsync()
    {
        await Bounded.Until("a keeper that holds only the device", () => ProcessTable.CacheFilesDescriptors(KeeperId) is ["/dev/cachefiles"]);
        await Bounded.Until("a keeper that has no zombies", () => ProcessTable.ZombiesOf(KeeperId) is []);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (_ownsCache)
            System.IO.Directory.Delete(CacheDirectory, recursive: true);
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    protected abstract Task BeginAsync();

    protected abstract Task EndAsync();
}
