namespace CacheFiles.Ondemand;

/// <summary>The names under which the library can be watched with <c>System.Diagnostics.Metrics</c> and <c>ActivitySource</c>.</summary>
/// <remarks>They follow OpenTelemetry's conventions: durations are seconds, sizes are bytes. docs/metrics.md lists the attributes.</remarks>
public static class OndemandTelemetry
{
    /// <summary>The meter, and the activity source. Activities: <c>cachefiles.open</c> for each OPEN, <c>cachefiles.fetch</c> for each call of the fetcher.</summary>
    public const string Name = "CacheFiles.Ondemand";

    /// <summary>Counter: requests of the kernel, by <c>cachefiles.opcode</c> (open, read, close).</summary>
    public const string Requests = "cachefiles.requests";

    /// <summary>Histogram, seconds: from reading a READ off the device until its work begins.</summary>
    public const string ReadQueueTime = "cachefiles.read.queue.duration";

    /// <summary>Histogram, seconds: from reading a READ off the device until its reader is released.</summary>
    public const string ReadTime = "cachefiles.read.duration";

    /// <summary>Up-down counter: READs under way.</summary>
    public const string ReadsActive = "cachefiles.reads.active";

    /// <summary>Up-down counter: open objects.</summary>
    public const string ObjectsOpen = "cachefiles.objects.open";

    /// <summary>Counter, bytes: what READs asked for.</summary>
    public const string BytesAsked = "cachefiles.bytes.asked";

    /// <summary>Counter, bytes: what fetchers delivered, by <c>cachefiles.fetch.kind</c> (read, read_ahead, prefetch).</summary>
    public const string BytesFetched = "cachefiles.bytes.fetched";

    /// <summary>Counter, bytes: what was written into the cache; whole pages.</summary>
    public const string BytesWritten = "cachefiles.bytes.written";

    /// <summary>Counter, bytes: what was read ahead of a reader that never came as far as the middle of the window. The kernel does not tell
    /// of reads of what is cached, so this is what is known to be wasted, not all of it.</summary>
    public const string BytesAheadUnread = "cachefiles.bytes.ahead_unread";

    /// <summary>Counter: objects that were culled.</summary>
    public const string ObjectsCulled = "cachefiles.objects.culled";

    /// <summary>Counter, bytes: what culled objects took on the disk.</summary>
    public const string BytesCulled = "cachefiles.bytes.culled";

    /// <summary>Counter: READs, or parts of them, that waited for a fetch which was under way already.</summary>
    public const string FetchesJoined = "cachefiles.fetches.joined";

    /// <summary>Counter: requests to a source that were repeated after a failure.</summary>
    public const string SourceRetries = "cachefiles.source.retries";

    /// <summary>Counter: requests to a source that were doubled because the first was slow.</summary>
    public const string SourceHedges = "cachefiles.source.hedges";

    /// <summary>Counter: faults, by <c>cachefiles.fault.source</c> (the names of <see cref="FaultSource"/>).</summary>
    public const string Faults = "cachefiles.faults";
}
