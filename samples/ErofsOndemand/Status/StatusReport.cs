using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>How the daemon is at a moment. What is counted is counted since its start.</summary>
internal sealed record StatusReport
{
    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>For how long it has run; the difference of two reports is the time between them.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>The blobs that are open: those of images that are mounted.</summary>
    public required IReadOnlyList<BlobStatus> Blobs { get; init; }

    public required long Opens { get; init; }

    public required long Reads { get; init; }

    public required long ReadsInFlight { get; init; }

    public required long BytesAsked { get; init; }

    public required long BytesFetched { get; init; }

    public required long ObjectsCulled { get; init; }

    public required long Faults { get; init; }

    internal static StatusReport Of(IReadOnlyList<OpenObject> open, MeterStore meters)
    {
        // The gauges are asked for their values.
        meters.Collect();
        return new StatusReport
        {
            ProcessId = Environment.ProcessId,
            UptimeSeconds = meters.Age.TotalSeconds,
            Blobs = [.. open.Select(o => new BlobStatus(BlobKey.DomainOf(o.Key), o.Key.CookieText, o.LengthBytes, o.CachedBytes))
                .OrderBy(b => b.Domain, StringComparer.Ordinal).ThenBy(b => b.Name, StringComparer.Ordinal)],
            Opens = meters.Total(OndemandTelemetry.Requests, "open"),
            Reads = meters.Total(OndemandTelemetry.Requests, "read"),
            ReadsInFlight = meters.Total(OndemandTelemetry.ReadsActive),
            BytesAsked = meters.Total(OndemandTelemetry.BytesAsked),
            BytesFetched = meters.Total(OndemandTelemetry.BytesFetched),
            ObjectsCulled = meters.Total(OndemandTelemetry.ObjectsCulled),
            Faults = meters.Total(OndemandTelemetry.Faults),
        };
    }
}

/// <summary>A blob that is open.</summary>
/// <param name="Domain">The domain that it is in, or the image that it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Cached">How much of it is in the cache.</param>
internal sealed record BlobStatus(string Domain, string Name, long Length, long Cached);
