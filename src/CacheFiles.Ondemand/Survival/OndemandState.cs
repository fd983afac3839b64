using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>What a daemon leaves to its successor beside the device: which cache it is, and what was being prefetched. What the cache holds is not
/// part of it: the kernel knows that.</summary>
public sealed record OndemandState
{
    /// <summary>The newest format that this version reads, and the one that it writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary><see cref="OndemandOptions.CacheDirectory"/> of the bound cache.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary><see cref="OndemandOptions.Tag"/> of the bound cache.</summary>
    public string? Tag { get; init; }

    /// <summary><see cref="OndemandOptions.DevicePath"/> of the bound cache.</summary>
    public required string DevicePath { get; init; }

    /// <summary>The prefetches that were running. The successor goes on with each as soon as the kernel opens its object again.</summary>
    public IReadOnlyList<RunningPrefetch> Prefetches { get; init; } = [];

    /// <summary>Whether it was written before the cache was bound on a device that is kept already: that may be done, half done, or have failed.</summary>
    internal bool IsBinding { get; init; }

    /// <summary>Reads what <see cref="ToJson"/> has written.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="InvalidDataException">It is no such record, or its format is newer than <see cref="CurrentVersion"/>.</exception>
    public static OndemandState Parse(ReadOnlySpan<byte> json) => StateRecord.Parse(json);

    /// <summary>Writes the state as UTF-8 JSON.</summary>
    public byte[] ToJson() => StateRecord.Write(this);

    internal static OndemandState Of(OndemandOptions options)
        => new() { CacheDirectory = options.CacheDirectory, Tag = options.Tag, DevicePath = options.DevicePath };
}
