using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The instruments, one set for the process.</summary>
internal static class Telemetry
{
    private static readonly ConcurrentDictionary<Session, FetchEngine> s_live = new();
    private static readonly Meter s_meter = new(OndemandTelemetry.Name);

    internal static readonly ActivitySource Activities = new(OndemandTelemetry.Name);

    private static readonly Counter<long> s_requests = s_meter.CreateCounter<long>(OndemandTelemetry.Requests, "{request}", "Requests of the kernel.");
    private static readonly Histogram<double> s_queueTime = s_meter.CreateHistogram<double>(OndemandTelemetry.ReadQueueTime, "s", "From reading a READ until its work begins.");
    private static readonly Histogram<double> s_readTime = s_meter.CreateHistogram<double>(OndemandTelemetry.ReadTime, "s", "From reading a READ until its reader is released.");
    private static readonly Counter<long> s_asked = s_meter.CreateCounter<long>(OndemandTelemetry.BytesAsked, "By", "Bytes that READs asked for.");
    private static readonly Counter<long> s_fetched = s_meter.CreateCounter<long>(OndemandTelemetry.BytesFetched, "By", "Bytes that fetchers delivered.");
    private static readonly Counter<long> s_written = s_meter.CreateCounter<long>(OndemandTelemetry.BytesWritten, "By", "Bytes written into the cache.");
    private static readonly Counter<long> s_unread = s_meter.CreateCounter<long>(OndemandTelemetry.BytesAheadUnread, "By", "Bytes read ahead that are known not to have been read.");
    private static readonly Counter<long> s_culled = s_meter.CreateCounter<long>(OndemandTelemetry.ObjectsCulled, "{object}", "Objects that were culled.");
    private static readonly Counter<long> s_culledBytes = s_meter.CreateCounter<long>(OndemandTelemetry.BytesCulled, "By", "Bytes of culled objects.");
    private static readonly Counter<long> s_joined = s_meter.CreateCounter<long>(OndemandTelemetry.FetchesJoined, "{fetch}", "READs that waited for a fetch under way.");
    private static readonly Counter<long> s_faults = s_meter.CreateCounter<long>(OndemandTelemetry.Faults, "{fault}", "Faults.");

    internal static readonly Counter<long> Retries = s_meter.CreateCounter<long>(OndemandTelemetry.SourceRetries, "{request}", "Repeated requests to a source.");
    internal static readonly Counter<long> Hedges = s_meter.CreateCounter<long>(OndemandTelemetry.SourceHedges, "{request}", "Doubled requests to a source.");

    static Telemetry()
    {
        s_meter.CreateObservableUpDownCounter(OndemandTelemetry.ReadsActive, () => s_live.Values.Sum(e => e.ActiveReads), "{request}", "READs under way.");
        s_meter.CreateObservableUpDownCounter(OndemandTelemetry.ObjectsOpen, () => s_live.Keys.Sum(s => s.Objects.Count), "{object}", "Open objects.");
    }

    /// <summary>The time now if anybody measures durations, else 0: a clock costs more than a READ can spare.</summary>
    internal static long Timestamp => s_readTime.Enabled || s_queueTime.Enabled ? Stopwatch.GetTimestamp() : 0;

    internal static void Watch(Session session, FetchEngine engine) => s_live[session] = engine;

    internal static void Unwatch(Session session) => s_live.TryRemove(session, out _);

    internal static void Request(string opcode)
    {
        if (s_requests.Enabled)
            s_requests.Add(1, new KeyValuePair<string, object?>("cachefiles.opcode", opcode));
    }

    internal static void Asked(long bytes)
    {
        if (s_asked.Enabled)
            s_asked.Add(bytes);
    }

    internal static void Fetched(FetchKind kind, long bytes)
    {
        if (s_fetched.Enabled)
            s_fetched.Add(bytes, new KeyValuePair<string, object?>("cachefiles.fetch.kind", NameOf(kind)));
    }

    internal static void Written(long bytes)
    {
        if (s_written.Enabled)
            s_written.Add(bytes);
    }

    internal static void AheadUnread(long bytes) => s_unread.Add(bytes);

    internal static void Culled(long bytes)
    {
        s_culled.Add(1);
        s_culledBytes.Add(bytes);
    }

    internal static void Joined() => s_joined.Add(1);

    internal static void Fault(FaultSource source)
    {
        if (s_faults.Enabled)
            s_faults.Add(1, new KeyValuePair<string, object?>("cachefiles.fault.source", source.ToString()));
    }

    internal static void Begun(long since) => Record(s_queueTime, since);

    internal static void Released(long since) => Record(s_readTime, since);

    internal static string NameOf(FetchKind kind) => kind switch
    {
        FetchKind.Read => "read",
        FetchKind.ReadAhead => "read_ahead",
        _ => "prefetch",
    };

    private static void Record(Histogram<double> histogram, long since)
    {
        if (since != 0)
            histogram.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
    }
}
