using System.Net.Http.Headers;

namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Which version of an object a response is of: its entity tag and its date, each as the server wrote it.</summary>
internal sealed record EntityVersion(string? ETag, string? LastModified)
{
    internal static EntityVersion Of(HttpResponseMessage response)
        => new(Raw(response.Headers, "ETag"), Raw(response.Content.Headers, "Last-Modified"));

    /// <summary>What a request says in <c>If-Range</c>: a strong tag, or the date where there is no tag. A weak tag is not allowed there.</summary>
    internal string? Condition => ETag is null ? LastModified : IsStrong(ETag) ? ETag : null;

    /// <summary>Whether a later response is of the same version, as far as this one can tell.</summary>
    internal bool Matches(EntityVersion later)
        // A date may be left out of a 206 (RFC 9110, 15.3.7), the tag may not.
        => ETag is null ? LastModified is null || later.LastModified is null || later.LastModified == LastModified : later.ETag == ETag;

    public override string ToString()
        => ETag is not null ? $"ETag {ETag}" : LastModified is not null ? $"Last-Modified {LastModified}" : "no ETag";

    private static bool IsStrong(string tag) => tag.Length >= 2 && tag[0] == '"' && tag.IndexOf('"', 1) == tag.Length - 1;

    private static string? Raw(HttpHeaders headers, string name)
        => headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;
}
