namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>The mirrors of one fetcher, and how they are asked.</summary>
internal sealed class HttpOrigin(HttpClient client, IReadOnlyList<Mirror> mirrors, HttpRangeFetcherOptions options)
{
    internal HttpClient Client => client;

    internal HttpRangeFetcherOptions Options => options;

    internal IReadOnlyList<Mirror> Mirrors => mirrors;

    internal HedgeBudget Hedges { get; } = new(options.HedgePercent);

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
