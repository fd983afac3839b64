using System.Net.Http.Headers;

namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>One request and its response.</summary>
/// <remarks>Its methods throw <see cref="AttemptFailure"/> for whatever goes wrong between here and the server, and
/// <see cref="OperationCanceledException"/> where nobody wants the exchange any more.</remarks>
internal sealed class Exchange(HttpOrigin origin, HttpRequestMessage request, Mirror mirror, string asked, Patience patience) : IDisposable
{
    // A server that drips has to bring this much within each attempt timeout.
    private const int PieceSize = 64 << 10;

    // A redirect changes the request's own.
    private readonly Uri _uri = request.RequestUri!;
    private readonly byte[] _next = new byte[1];
    private HttpResponseMessage? _response;
    private Stream? _body;
    private bool _hasNext;
    private int _sinceRestart;

    internal HttpOrigin Origin => origin;

    internal HttpRangeFetcherOptions Options => origin.Options;

    internal Mirror Mirror => mirror;

    internal HttpRequestMessage Request => request;

    internal HttpResponseMessage Response => _response!;

    /// <summary>Gets the headers of the response.</summary>
    internal async Task SendAsync()
    {
        try
        {
            _response = await origin.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e);
        }
        // A handler that decompresses has added what it can to the header, and hides from the response what it did.
        if (request.Headers.NonValidated.TryGetValues("Accept-Encoding", out HeaderStringValues encodings) && encodings.Count > 1)
        {
            throw Failure(
                FailureKind.Final,
                "may have sent it compressed",
                "the HttpClient asks for compressed responses by itself; set AutomaticDecompression of its handler to None");
        }
    }

    /// <summary>Waits for the first byte of the body, or the next one; it is what is read first then.</summary>
    internal async Task OpenBodyAsync()
    {
        // A read of nothing would not do: it may complete before there is a byte.
        if (await ReadBodyAsync(_next).ConfigureAwait(false) == 0)
            throw EndedEarly();
        _hasNext = true;
        patience.Restart();
    }

    /// <summary>Reads bytes of the body.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> memory)
    {
        if (_hasNext)
        {
            _hasNext = false;
            memory.Span[0] = _next[0];
            return 1;
        }
        var count = await ReadBodyAsync(memory).ConfigureAwait(false);
        if (count == 0)
            throw EndedEarly();
        _sinceRestart += count;
        if (_sinceRestart >= PieceSize)
        {
            _sinceRestart = 0;
            patience.Restart();
        }
        return count;
    }

    /// <summary>Makes sure that the body ends here.</summary>
    internal async ValueTask EndAsync()
    {
        if (await ReadBodyAsync(_next).ConfigureAwait(false) != 0)
            throw Failure(FailureKind.Transient, "sent more bytes than that");
    }

    /// <summary>Nobody wants more for now.</summary>
    /// <returns>False where it was ended before that.</returns>
    internal bool Pause() => patience.Pause();

    /// <summary>Somebody reads on.</summary>
    internal void Resume(CancellationToken cancellationToken) => patience.Resume(cancellationToken);

    /// <summary>Gives the exchange up: another one was quicker.</summary>
    internal void Abandon() => patience.Abandon();

    internal AttemptFailure Failure(FailureKind kind, string came, string? remedy = null, Exception? inner = null, TimeSpan? retryAfter = null)
    {
        var (first, last) = (Printable(_uri), Printable(request.RequestUri!));
        var url = last == first ? first : $"{first} (redirected to {last})";
        return new AttemptFailure(mirror, kind, $"{url}, asked for {asked}, {came}{(remedy is null ? "" : $": {remedy}")}", inner, retryAfter);
    }

    /// <summary>A URI without what may be secret: user, password, query.</summary>
    internal static string Printable(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    public void Dispose()
    {
        _response?.Dispose();
        request.Dispose();
        patience.Dispose();
    }

    private async ValueTask<int> ReadBodyAsync(Memory<byte> memory)
    {
        try
        {
            _body ??= await Response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            return await _body.ReadAsync(memory, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e);
        }
    }

    private AttemptFailure EndedEarly() => Failure(FailureKind.Transient, "ended the body too early");

    private Exception Translate(Exception e)
        => patience.IsUnwanted ? new OperationCanceledException("Nobody waits for this response any more.", e, patience.Caller)
        : patience.IsExhausted ? Failure(FailureKind.Transient, $"was too slow for AttemptTimeout, {patience.Limit}", inner: e)
        : Failure(FailureKind.Transient, $"failed: {Reason(e)}", inner: e);

    /// <summary>What the exception says and, where it only points inside, what is there.</summary>
    private static string Reason(Exception e)
        => e.GetBaseException() is var cause && e.Message.Contains(cause.Message, StringComparison.Ordinal) ? e.Message : $"{e.Message} {cause.Message}";
}
