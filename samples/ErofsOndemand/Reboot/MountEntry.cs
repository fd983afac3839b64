using System.Text.Json.Serialization;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>A mount, as it is to be after a reboot.</summary>
/// <param name="Target">The directory it is mounted on.</param>
/// <param name="Fsid">The name of the image's blob.</param>
/// <param name="Domain">The shared domain; null for none.</param>
/// <param name="Devices">The names of further blobs, in order.</param>
internal sealed record MountEntry(string Target, string Fsid, string? Domain, IReadOnlyList<string> Devices);

/// <summary>All mounts.</summary>
internal sealed record MountList(int Version, IReadOnlyList<MountEntry> Mounts)
{
    /// <summary>The format that this program writes, and the only one that it reads.</summary>
    internal const int CurrentVersion = 1;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(MountList))]
internal sealed partial class MountJson : JsonSerializerContext;
