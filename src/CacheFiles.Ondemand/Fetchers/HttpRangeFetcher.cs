using CacheFiles.Ondemand.Internal.Http;

namespace CacheFiles.Ondemand;

/// <summary>Serves the files of an HTTP server, or of several that have the same ones, by range requests.</summary>
/// <remarks>
/// <para>Only a 206 with exactly the range that was asked for, of the version that was there when the object was opened, is taken; whatever
/// else comes is a failure. After a failure the next mirror is asked, or the same one again after a wait, for what is still missing. Each
/// mirror's strong ETag (or Last-Modified) is kept while an object is open and sent as <c>If-Range</c>: an object that changes meanwhile
/// is a fault, its new bytes are never mixed with the old ones.</para>
/// <para>Redirects, credentials, proxies, versions of HTTP and numbers of connections are the <see cref="HttpClient"/>'s. Its handler must not
/// decompress. When it follows a redirect it drops the <c>Authorization</c> header, but passes every other one on to wherever it leads:
/// where <see cref="HttpClient.DefaultRequestHeaders"/> carry another secret, set <c>AllowAutoRedirect</c> to false.</para>
/// <example><code>
/// using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
/// await cache.ServeAsync(new HttpRangeFetcher(client, new Uri("https://images.example/erofs/")), stopping);
/// </code></example>
/// </remarks>
public sealed class HttpRangeFetcher : IRangeFetcher, IRetryElsewhere
{
    private const int MaxMirrors = 64;

    private readonly HttpOrigin _origin;
    private readonly PinnedObjects _open = new();

    /// <summary>Serves from one URL.</summary>
    /// <param name="client">Sends the requests. Borrowed: the caller disposes it.</param>
    /// <param name="mirror">The URL that the objects' names are put behind, <c>http</c> or <c>https</c>, without user and password.</param>
    /// <param name="options">How to ask; null for the defaults.</param>
    /// <exception cref="ArgumentException">The URL is none of that, or an option is out of its range.</exception>
    public HttpRangeFetcher(HttpClient client, Uri mirror, HttpRangeFetcherOptions? options = null)
        : this(client, [mirror], options)
    {
    }

    /// <summary>Serves from several URLs that have the same objects.</summary>
    /// <param name="client">Sends the requests. Borrowed: the caller disposes it.</param>
    /// <param name="mirrors">The URLs, the preferred one first: 1 to 64, <c>http</c> or <c>https</c>, without user and password.</param>
    /// <param name="options">How to ask; null for the defaults.</param>
    /// <exception cref="ArgumentException">The URLs are none of that, or an option is out of its range.</exception>
    public HttpRangeFetcher(HttpClient client, IEnumerable<Uri> mirrors, HttpRangeFetcherOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(mirrors);
        options ??= new HttpRangeFetcherOptions();
        options.Validate();
        Mirror[] checkedMirrors = [.. mirrors.Select((uri, index) => new Mirror(index, Check(uri), options.TimeProvider))];
        if (checkedMirrors.Length is 0 or > MaxMirrors)
            throw new ArgumentException($"There have to be 1 to {MaxMirrors} mirrors, not {checkedMirrors.Length}.", nameof(mirrors));
        _origin = new HttpOrigin(client, checkedMirrors, options);
    }

    /// <inheritdoc/>
    /// <exception cref="RangeFetchException">No mirror gave a length, and at least one did not say that there is no such object.</exception>
    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (await AskAsync(key, cancellationToken).ConfigureAwait(false) is not { } found)
            return null;
        _open.Open(key, found);
        return found.Length;
    }

    /// <inheritdoc/>
    /// <exception cref="RangeFetchException">No mirror delivered the range: the message says what each one did.</exception>
    public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        => FetchAsync(key, range, writer, new SourceChoice(), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="RangeFetchException">No mirror delivered the range: the message says what each one did.</exception>
    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, SourceChoice choice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(choice);
        if (writer.Remaining == 0)
            return;
        PinnedObject target = _open.Find(key) ?? await OpenAsync(key, cancellationToken).ConfigureAwait(false);
        if (range.End > target.Length)
            throw new RangeFetchException($"{key}: the range {range} ends behind the {target.Length} bytes that the object has at the origin");
        foreach (Mirror mirror in _origin.Mirrors)
        {
            if ((mirror.Bit & choice.Avoid) != 0)
                mirror.NoteWrongBytes();
        }
        await new RangeTransfer(_origin, key, target, writer, choice, cancellationToken).RunAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void ObjectClosed(ObjectKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _open.Close(key);
    }

    private ValueTask<PinnedObject?> AskAsync(ObjectKey key, CancellationToken cancellationToken)
        => new LengthQuery(_origin, key, cancellationToken).RunAsync();

    private async ValueTask<PinnedObject> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        PinnedObject found = await AskAsync(key, cancellationToken).ConfigureAwait(false)
            ?? throw new RangeFetchException($"{key}: there is no such object at the origin");
        return _open.Add(key, found);
    }

    private static Uri Check(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException($"A mirror has to be an absolute http or https URL, not '{uri}'.", nameof(uri));
        if (uri.UserInfo.Length > 0)
            throw new ArgumentException($"The URL of {uri.Host} has a user in it, which is not sent: set credentials on the HttpClient or its handler.", nameof(uri));
        return uri;
    }
}
