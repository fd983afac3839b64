namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>The mirrors of one fetcher, and how they are asked.</summary>
internal sealed class HttpOrigin(HttpClient client, IReadOnlyList<Mirror> mirrors, HttpRangeFetcherOptions options)
{
    // Each keeps a connection busy.
    private const int MaxTails = 16;

    private int _tails;
    private volatile bool _isHttp1;

    internal HttpClient Client => client;

    internal HttpRangeFetcherOptions Options => options;

    internal IReadOnlyList<Mirror> Mirrors => mirrors;

    internal HedgeBudget Hedges { get; } = new(options.HedgePercent);

    /// <summary>Whether a request may ask for more than is wanted yet.</summary>
    /// <remarks>What is not read of a response of HTTP/1 stays with the system and the server; the handler reads that of HTTP/2 into its memory.</remarks>
    internal bool MayAskAhead => options.MaxAskAheadBytes > 0 && _isHttp1 && Volatile.Read(ref _tails) < MaxTails;

    /// <summary>A response has come.</summary>
    internal void NoteVersion(Version version) => _isHttp1 = version.Major == 1;

    /// <summary>Responses are kept to be read on, or are kept no more.</summary>
    internal void NoteTails(int more) => Interlocked.Add(ref _tails, more);

    /// <summary>Prepares a request.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="key">The object.</param>
    /// <param name="mirror">Whom to ask.</param>
    /// <param name="asked">What is asked for, for people.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    internal Exchange Begin(HttpMethod method, ObjectKey key, Mirror mirror, string asked, CancellationToken cancellationToken)
    {
        Uri uri = options.MapUri(key, mirror.BaseUri)
            ?? throw new AttemptFailure(mirror, FailureKind.NotFound, $"{key} is no object of {Exchange.Printable(mirror.BaseUri)}: MapUri gives it no URI");
        // What HttpClient does by itself only for requests that it makes itself.
        var request = new HttpRequestMessage(method, uri) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        return new Exchange(this, request, mirror, asked, new Patience(options.AttemptTimeout, options.TimeProvider, cancellationToken));
    }
}
