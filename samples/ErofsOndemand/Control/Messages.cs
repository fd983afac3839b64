using System.Text.Json.Serialization;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What is asked of the daemon, in one line.</summary>
internal sealed record ControlRequest
{
    /// <summary>The version of the protocol that this program speaks.</summary>
    internal const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary><c>status</c>, <c>prefetch</c> or <c>cull</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The blob that is meant.</summary>
    public string? Name { get; init; }

    /// <summary>The domain that the blob is in.</summary>
    public string? Domain { get; init; }

    /// <summary><c>cull</c>: how much is to go, where no blob is named.</summary>
    public long? Bytes { get; init; }

    /// <summary><c>cull</c>: whether it only says what would go.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What the daemon answers, in one line. Where there is an error there is nothing else.</summary>
internal sealed record ControlAnswer
{
    public int Version { get; init; } = ControlRequest.CurrentVersion;

    public string? Error { get; init; }

    public StatusReport? Status { get; init; }

    public IReadOnlyList<PrefetchedBlob>? Prefetched { get; init; }

    public CulledFiles? Culled { get; init; }
}

/// <summary>What became of a prefetch, in bytes.</summary>
internal sealed record PrefetchedBlob(string Domain, string Name, long Total, long Done, long Fetched, long Failed);

/// <summary>What culling did, in bytes; null where a blob was named.</summary>
internal sealed record CulledFiles(long? Cached, long? Freed, IReadOnlyList<CulledFile> Files);

/// <summary>A file of the cache, and what became of it.</summary>
internal sealed record CulledFile(string Path, long? Bytes, DateTime? LastUsed, string Outcome);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ControlRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
