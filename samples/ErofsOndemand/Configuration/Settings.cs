using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Every key of the configuration file: what reads it, checks it, and documents it.</summary>
internal static class Settings
{
    /// <summary>How a supervisor is named, before the path of its socket.</summary>
    internal const string Supervisor = "supervisor:";

    private static readonly List<Setting> s_all = [];

    /// <summary>All keys, by section.</summary>
    internal static IReadOnlyList<Setting> All => s_all;

    internal static readonly Setting<SourceAddress> From = Add(new Setting<SourceAddress>(
        "source", "from", "directory:PATH or URL", "", "where the blobs are: a directory, or an http or https URL; several URLs are mirrors, the preferred one first", SourceAddress.Parse)
    { Required = true, Repeatable = true });
    internal static readonly Setting<string?> Digests = Path("source", "digests", "a directory with `NAME.sha256` for each blob, the digests of its chunks; bytes that do not match are never written");
    internal static readonly Setting<int> Attempts = Add(new Setting<int>("source", "attempts", "number", "4", "requests in a row to an HTTP source that may bring no byte", Units.Count(1, 100)));
    internal static readonly Setting<TimeSpan> AttemptTimeout = Time("source", "attempt-timeout", "10 s", "how long an HTTP server may take for the first byte, and for each further 64 KiB", 1);
    internal static readonly Setting<TimeSpan> RetryDelay = Time("source", "retry-delay", "100 ms", "the wait before the same mirror is asked again; it doubles each time");
    internal static readonly Setting<TimeSpan> MaxRetryDelay = Time("source", "max-retry-delay", "5 s", "what the doubling stops at");
    internal static readonly Setting<TimeSpan> MaxRetryAfter = Time("source", "max-retry-after", "20 s", "the longest `Retry-After` that is waited for");
    internal static readonly Setting<int> Hedges = Percent("source", "hedges", "5 %", "requests that may be doubled because the first is slow");
    internal static readonly Setting<long> AskAhead = Size("source", "ask-ahead", "64 MiB", "what a request may ask for beyond what is wanted yet, behind a sequential reader; 0 for nothing");

    internal static readonly Setting<string> CacheDirectory = Add(new Setting<string>(
        "cache", "directory", "path", "", "where the kernel keeps the data: on ext4, xfs or btrfs", Units.AbsolutePath)
    { Required = true });
    internal static readonly Setting<string?> Tag = Text("cache", "tag", "the cache's name in the kernel");
    internal static readonly Setting<string> Device = Add(new Setting<string>("cache", "device", "path", DeviceHandle.DefaultPath, "the device node", Units.AbsolutePath));
    internal static readonly Setting<string?> SecurityContext = Text("cache", "security-context", "the context under which the kernel writes the cache");
    internal static readonly Setting<long?> Budget = Add(new Setting<long?>("cache", "budget", "size", Setting.None, "bytes that the cache may take; the longest unused objects go first", Units.OrNone(Units.Size(16L << 20))));
    internal static readonly Setting<ObjectKey> Pin = Add(new Setting<ObjectKey>("cache", "pin", "FSID or DOMAIN/NAME", "", "a blob that is never culled", ParsePin) { Repeatable = true });
    internal static readonly Setting<int> RunBlocks = Percent("cache", "run-blocks", "7 %", "culling ends when this share of the blocks is free");
    internal static readonly Setting<int> CullBlocks = Percent("cache", "cull-blocks", "5 %", "culling begins below this share");
    internal static readonly Setting<int> StopBlocks = Percent("cache", "stop-blocks", "1 %", "nothing more is cached below this share");
    internal static readonly Setting<int> RunFiles = Percent("cache", "run-files", "7 %", "the same for files");
    internal static readonly Setting<int> CullFiles = Percent("cache", "cull-files", "5 %", "the same for files");
    internal static readonly Setting<int> StopFiles = Percent("cache", "stop-files", "1 %", "the same for files");

    internal static readonly Setting<TimeSpan?> RequestDeadline = Add(new Setting<TimeSpan?>("serve", "request-deadline", "time", "60 s", "how long a reader waits for its bytes before it gets EIO", Units.OrNone(Units.Time(1))));
    internal static readonly Setting<TimeSpan> Drain = Time("serve", "drain", "10 s", "how long a stop waits for what is under way");
    internal static readonly Setting<TimeSpan> HandOver = Time("serve", "hand-over", "1 s", "the same where a successor comes");
    internal static readonly Setting<long> ReadAhead = Size("serve", "read-ahead", "8 MiB", "what is fetched ahead of each sequential reader at most; 0 for nothing");
    internal static readonly Setting<long> Around = Add(new Setting<long>("serve", "around", "size", "0", "aligned blocks that are fetched whole around what a reader waits for where it does not read on; 0 for nothing", Units.Pages));
    internal static readonly Setting<int> Fetches = Add(new Setting<int>("serve", "fetches", "number", "256", "fetches that run at once", Units.Count(1, 1 << 20)));
    internal static readonly Setting<long> Buffers = Size("serve", "buffers", "128 MiB", "memory that fetches hold at once", 1 << 20);
    internal static readonly Setting<string?> Keeper = Add(new Setting<string?>("serve", "keeper", "systemd or supervisor:SOCKET", Setting.None, "who keeps the device while the daemon is down", ParseKeeper));

    internal static readonly Setting<int> Pieces = Add(new Setting<int>("prefetch", "pieces", "number", "8", "pieces of at most 1 MiB that a prefetch fetches at once", Units.Count(1, 1024)));
    internal static readonly Setting<long?> Bandwidth = Add(new Setting<long?>("prefetch", "bandwidth", "rate", Setting.None, "what a prefetch takes in a second at most", Units.OrNone(Units.Rate)));

    internal static readonly Setting<string> Socket = Add(new Setting<string>("control", "socket", "path", "/run/erofs-ondemand/control", "where `status`, `prefetch` and `cull` find the daemon", Units.SocketPath));
    internal static readonly Setting<int?> Port = Add(new Setting<int?>("metrics", "port", "number", Setting.None, "the port of 127.0.0.1 where Prometheus finds `/metrics`", Units.OrNone(Units.Count(1, 65535))));
    internal static readonly Setting<string> Record = Add(new Setting<string>("mounts", "record", "path", "/var/lib/erofs-ondemand/mounts.json", "what is mounted, for `remount`", Units.AbsolutePath));

    private static Setting<T> Add<T>(Setting<T> setting)
    {
        s_all.Add(setting);
        return setting;
    }

    private static Setting<string?> Path(string section, string name, string help)
        => Add(new Setting<string?>(section, name, "path", Setting.None, help, Units.TextOrNone(Units.AbsolutePath)));

    private static Setting<string?> Text(string section, string name, string help)
        => Add(new Setting<string?>(section, name, "text", Setting.None, help, Units.TextOrNone(Units.Text)));

    private static Setting<TimeSpan> Time(string section, string name, string initial, string help, long min = 0)
        => Add(new Setting<TimeSpan>(section, name, "time", initial, help, Units.Time(min)));

    private static Setting<int> Percent(string section, string name, string initial, string help)
        => Add(new Setting<int>(section, name, "share", initial, help, Units.Percent));

    private static Setting<long> Size(string section, string name, string initial, string help, long min = 0)
        => Add(new Setting<long>(section, name, "size", initial, help, Units.Size(min)));

    private static ObjectKey ParsePin(string text) => text.Split('/') switch
    {
        [{ Length: > 0 } fsid] => BlobKey.Of(fsid, null),
        [{ Length: > 0 } domain, { Length: > 0 } name] => BlobKey.Of(name, domain),
        _ => throw new FormatException("a blob is FSID, or DOMAIN/NAME"),
    };

    private static string? ParseKeeper(string text) => text switch
    {
        Setting.None => null,
        "systemd" => text,
        _ when text.StartsWith(Supervisor, StringComparison.Ordinal) => Supervisor + Units.SocketPath(text[Supervisor.Length..]),
        _ => throw new FormatException($"a keeper is {Setting.None}, systemd or {Supervisor}SOCKET"),
    };
}
