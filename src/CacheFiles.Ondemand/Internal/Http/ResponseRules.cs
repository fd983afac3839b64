using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Which responses are accepted.</summary>
internal static class ResponseRules
{
    /// <summary>Accepts a 206 with exactly the range that was asked for, of the version that is pinned. Pins the version of a mirror that had
    /// none.</summary>
    internal static void CheckRange(Exchange exchange, PinnedObject target, ByteRange range)
    {
        HttpResponseMessage response = exchange.Response;
        HttpContentHeaders headers = response.Content.Headers;
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent:
                CheckEncoding(exchange);
                CheckVersion(exchange, target, headers.ContentRange?.Length);
                CheckContentRange(exchange, target, range);
                Pin(exchange, target);
                break;
            case HttpStatusCode.OK:
                CheckEncoding(exchange);
                CheckVersion(exchange, target, headers.ContentLength);
                throw exchange.Failure(FailureKind.Transient, "sent the whole object (200 instead of 206)", "the server has to support range requests");
            case HttpStatusCode.PreconditionFailed:
                throw Changed(exchange, target, "it is not any more");
            case HttpStatusCode.RequestedRangeNotSatisfiable when headers.ContentRange?.Length is { } total && total != target.Length:
                throw Changed(exchange, target, $"it has {total} bytes now");
            default:
                throw BadStatus(exchange);
        }
    }

    /// <summary>Refuses a body that is not the object's own bytes.</summary>
    internal static void CheckEncoding(Exchange exchange)
    {
        if (HasForeignEncoding(exchange.Response))
        {
            throw exchange.Failure(
                FailureKind.Transient,
                $"sent it with Content-Encoding {string.Join(", ", exchange.Response.Content.Headers.ContentEncoding)}",
                "the server has to heed Accept-Encoding: identity");
        }
    }

    internal static bool HasForeignEncoding(HttpResponseMessage response)
        => response.Content.Headers.NonValidated.Contains("Content-Encoding")
            && response.Content.Headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase));

    /// <summary>What an unexpected status means.</summary>
    internal static AttemptFailure BadStatus(Exchange exchange)
    {
        HttpResponseMessage response = exchange.Response;
        var status = (int)response.StatusCode;
        TimeSpan? wait = RetryAfter(response, exchange.Options.TimeProvider);
        var came = string.Create(
            CultureInfo.InvariantCulture,
            $"answered {status} {response.ReasonPhrase}{(wait is null ? "" : $" (Retry-After: {wait.Value.TotalSeconds} s)")}").TrimEnd();
        return status switch
        {
            404 or 410 => exchange.Failure(FailureKind.NotFound, came),
            408 or 421 or 425 or 429 or 500 or (>= 502 and not 505) => exchange.Failure(FailureKind.Transient, came, retryAfter: wait),
            401 or 403 or 407 => exchange.Failure(FailureKind.Final, came, "give the HttpClient the credentials it needs, or renew them"),
            >= 300 and < 400 when response.Headers.Location is not null
                => exchange.Failure(FailureKind.Final, came, "let the HttpClient follow redirects, or name the URL that it leads to"),
            _ => exchange.Failure(FailureKind.Final, came),
        };
    }

    private static void CheckVersion(Exchange exchange, PinnedObject target, long? total)
    {
        var seen = EntityVersion.Of(exchange.Response);
        if (target.VersionAt(exchange.Mirror) is { } pinned && !pinned.Matches(seen))
            throw Changed(exchange, target, $"it has {seen} now");
        // With the same tag it is not another version but a broken answer, which CheckContentRange tells.
        if (total is not null && total != target.Length && seen.ETag is null)
            throw Changed(exchange, target, $"it has {total} bytes now");
    }

    private static void CheckContentRange(Exchange exchange, PinnedObject target, ByteRange range)
    {
        HttpContentHeaders headers = exchange.Response.Content.Headers;
        if (headers.ContentRange is not { } came)
        {
            throw exchange.Failure(FailureKind.Transient, headers.ContentType?.MediaType is "multipart/byteranges"
                ? "sent several ranges (multipart/byteranges)"
                : "sent a 206 without a Content-Range that can be read");
        }
        if (came.Unit != "bytes" || came.From != range.Offset || came.To != range.End - 1 || came.Length != target.Length)
            throw exchange.Failure(FailureKind.Transient, $"sent something else (Content-Range: {came})");
        if (headers.ContentLength is { } length && length != range.Length)
            throw exchange.Failure(FailureKind.Transient, $"sent another number of bytes (Content-Length: {length})");
    }

    private static void Pin(Exchange exchange, PinnedObject target)
    {
        if (target.IsUnsafe(exchange.Mirror))
            throw exchange.Failure(FailureKind.Final, "may have a new version: the object changed at another mirror while it was open");
        var seen = EntityVersion.Of(exchange.Response);
        if (!target.Pin(exchange.Mirror, seen).Matches(seen))
            throw Changed(exchange, target, $"it has {seen} now");
    }

    private static AttemptFailure Changed(Exchange exchange, PinnedObject target, string now)
    {
        if (target.VersionAt(exchange.Mirror) is not { } pinned)
            return exchange.Failure(FailureKind.Final, $"has another version than the one of {target.Length} bytes that was opened: {now}", "mirrors have to serve the same bytes");
        target.NoteChange(exchange.Mirror);
        return exchange.Failure(
            FailureKind.Changed,
            $"has changed at the origin: it had {target.Length} bytes and {pinned} when it was opened, {now}",
            "the new version is used when the object is opened again; publish new versions under new names");
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        if (response.Headers.RetryAfter is not { } wait)
            return null;
        // The server's own clock, where it says what it shows, is the one that its date was taken from.
        TimeSpan span = wait.Delta ?? wait.Date!.Value - (response.Headers.Date ?? time.GetUtcNow());
        return span > TimeSpan.Zero ? span : TimeSpan.Zero;
    }
}
