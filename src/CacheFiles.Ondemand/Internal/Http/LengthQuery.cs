using System.Net;
using System.Net.Http.Headers;

namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Asks how long an object is, and which version of it there is.</summary>
internal sealed class LengthQuery(HttpOrigin origin, ObjectKey key, CancellationToken cancellationToken)
{
    private PinnedObject? _found;

    /// <summary>Gives the object, or null where no mirror has it.</summary>
    internal async ValueTask<PinnedObject?> RunAsync()
    {
        var loop = new AttemptLoop(origin, new Route(origin.Mirrors, avoid: 0, target: null));
        if (await loop.RunAsync(AskAsync, static () => 0, cancellationToken).ConfigureAwait(false))
            return _found;
        return loop.FoundNothing ? null : throw loop.Failure(key);
    }

    private async Task AskAsync(Mirror mirror)
    {
        if (!await TryHeadAsync(mirror).ConfigureAwait(false))
            await ProbeAsync(mirror).ConfigureAwait(false);
        mirror.NoteSuccess();
    }

    /// <summary>Asks by HEAD.</summary>
    /// <returns>False where the server does not take it, or does not say a length.</returns>
    private async Task<bool> TryHeadAsync(Mirror mirror)
    {
        using Exchange exchange = origin.Begin(HttpMethod.Head, key, mirror, "its length (HEAD)", cancellationToken);
        await exchange.SendAsync().ConfigureAwait(false);
        HttpResponseMessage response = exchange.Response;
        if (response.StatusCode == HttpStatusCode.OK)
            return response.Content.Headers.ContentLength is { } length && !ResponseRules.HasForeignEncoding(response) && Found(exchange, length);
        AttemptFailure failure = ResponseRules.BadStatus(exchange);
        // 405 and 501 refuse the method; a URI that is signed for GET answers 403 to it.
        return failure.Kind == FailureKind.Final ? false : throw failure;
    }

    /// <summary>Asks for the first byte, for the total that comes with it.</summary>
    private async Task ProbeAsync(Mirror mirror)
    {
        using Exchange exchange = origin.Begin(HttpMethod.Get, key, mirror, "its length (GET of bytes 0-0)", cancellationToken);
        exchange.Request.Headers.Range = new RangeHeaderValue(0, 0);
        await exchange.SendAsync().ConfigureAwait(false);
        HttpResponseMessage response = exchange.Response;
        HttpContentHeaders headers = response.Content.Headers;
        ContentRangeHeaderValue? came = headers.ContentRange;
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when came is { Unit: "bytes", From: 0, To: 0, Length: { } total }:
                ResponseRules.CheckEncoding(exchange);
                Found(exchange, total);
                return;
            // An empty object has no first byte.
            case HttpStatusCode.RequestedRangeNotSatisfiable when came is { Length: 0 }:
            case HttpStatusCode.OK when headers.ContentLength == 0:
                Found(exchange, 0);
                return;
            case HttpStatusCode.PartialContent:
                throw exchange.Failure(FailureKind.Transient, $"did not say it (Content-Range: {came?.ToString() ?? "none"})");
            case HttpStatusCode.OK:
                throw exchange.Failure(FailureKind.Final, "sent the whole object (200 instead of 206)", "the server has to support range requests");
            default:
                throw ResponseRules.BadStatus(exchange);
        }
    }

    private bool Found(Exchange exchange, long length)
    {
        _found = new PinnedObject(length, origin);
        _found.Pin(exchange.Mirror, EntityVersion.Of(exchange.Response));
        return true;
    }
}
