using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What EROFS calls a blob.</summary>
internal static class BlobKey
{
    private const string VolumePrefix = "erofs,";

    /// <summary>The key of an image, or of a blob in a domain.</summary>
    internal static ObjectKey Of(string name, string? domain) => new($"{VolumePrefix}{domain ?? name}", name);

    /// <summary>The domain that a blob is in, or the image that it belongs to.</summary>
    internal static string DomainOf(ObjectKey key)
        => key.VolumeText.StartsWith(VolumePrefix, StringComparison.Ordinal) ? key.VolumeText[VolumePrefix.Length..] : key.VolumeText;
}
