namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Where blobs are: in a directory, or behind a URL.</summary>
internal sealed record SourceAddress(string? Directory, Uri? Url)
{
    private const string DirectoryPrefix = "directory:";

    /// <exception cref="FormatException">It is neither.</exception>
    internal static SourceAddress Parse(string text)
    {
        if (text.StartsWith(DirectoryPrefix, StringComparison.Ordinal))
            return new SourceAddress(Units.AbsolutePath(text[DirectoryPrefix.Length..]), null);
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? new SourceAddress(null, url)
            : throw new FormatException($"a source is {DirectoryPrefix}PATH, or an http or https URL");
    }
}
