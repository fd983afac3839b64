using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The JSON of an <see cref="OndemandState"/>. Keys are bytes, so they are base 64 there.</summary>
internal sealed record StateRecord(int Version, string CacheDirectory, string? Tag, string DevicePath, StateRecord.Prefetch[]? Prefetches, bool? Binding)
{
    internal sealed record Prefetch(byte[] Volume, byte[] Cookie, long[]? Ranges, int MaxConcurrentPieces, long MaxBytesPerSecond);

    /// <summary>What every version of the format has.</summary>
    internal sealed record Header(int Version);

    /// <summary>The format of a state, which may be newer than this version.</summary>
    /// <exception cref="InvalidDataException">It is no state.</exception>
    internal static int VersionOf(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StateJson.Default.Header) is { Version: > 0 } header
                ? header.Version
                : throw new InvalidDataException("The state has no version.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The state is damaged: {e.Message}", e);
        }
    }

    internal static OndemandState Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var version = VersionOf(json);
            if (version > OndemandState.CurrentVersion)
            {
                throw new InvalidDataException(
                    $"The kept state has format {version}, and this version reads formats up to {OndemandState.CurrentVersion}: start the newer version that wrote it.");
            }
            if (JsonSerializer.Deserialize(json, StateJson.Default.StateRecord) is not { CacheDirectory: not null, DevicePath: not null } record)
                throw new InvalidDataException("The kept state lacks a cache directory or a device path.");
            return record.ToState();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The kept state is damaged: {e.Message}", e);
        }
    }

    internal static byte[] Write(OndemandState state)
    {
        var record = new StateRecord(OndemandState.CurrentVersion, state.CacheDirectory, state.Tag, state.DevicePath, [.. state.Prefetches.Select(Of)], state.IsBinding ? true : null);
        return JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.StateRecord);
    }

    private static Prefetch Of(RunningPrefetch running) => new(
        running.Key.Volume.ToArray(),
        running.Key.Cookie.ToArray(),
        running.Options.Ranges?.SelectMany(r => new[] { r.Offset, r.Length }).ToArray(),
        running.Options.MaxConcurrentPieces,
        running.Options.MaxBytesPerSecond);

    private static RunningPrefetch From(Prefetch prefetch)
    {
        if (prefetch is not { Volume: not null, Cookie: not null } || prefetch.Ranges?.Length % 2 == 1)
            throw new InvalidDataException("The kept state has a prefetch without a key, or half a range.");
        var options = new PrefetchOptions
        {
            Ranges = prefetch.Ranges?.Chunk(2).Select(r => new ByteRange(r[0], r[1])).ToArray(),
            MaxConcurrentPieces = prefetch.MaxConcurrentPieces,
            MaxBytesPerSecond = prefetch.MaxBytesPerSecond,
        };
        options.Validate();
        return new RunningPrefetch(new ObjectKey(prefetch.Volume, prefetch.Cookie), options);
    }

    private OndemandState ToState() => new()
    {
        CacheDirectory = CacheDirectory,
        Tag = Tag,
        DevicePath = DevicePath,
        Prefetches = [.. (Prefetches ?? []).Select(From)],
        IsBinding = Binding == true,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StateRecord))]
[JsonSerializable(typeof(StateRecord.Header))]
internal sealed partial class StateJson : JsonSerializerContext;
