using System.Net;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>Which URLs and options are taken, and which URIs come of them.</summary>
public sealed class OptionTests : HttpTest
{
    private static readonly HttpRangeFetcherOptions s_defaults = new();

    public static TheoryData<HttpRangeFetcherOptions> Wrong => new()
    {
        s_defaults with { MaxAttempts = 0 },
        s_defaults with { MaxAttempts = 101 },
        s_defaults with { AttemptTimeout = TimeSpan.Zero },
        s_defaults with { AttemptTimeout = TimeSpan.FromHours(2) },
        s_defaults with { AttemptTimeout = Timeout.InfiniteTimeSpan },
        s_defaults with { RetryDelay = TimeSpan.FromTicks(-1) },
        s_defaults with { RetryDelay = TimeSpan.FromSeconds(6) },
        s_defaults with { MaxRetryDelay = TimeSpan.FromMilliseconds(99) },
        s_defaults with { MaxRetryDelay = TimeSpan.FromHours(2) },
        s_defaults with { MaxRetryAfter = TimeSpan.FromTicks(-1) },
        s_defaults with { MaxRetryAfter = TimeSpan.FromHours(2) },
        s_defaults with { HedgePercent = -1 },
        s_defaults with { HedgePercent = 101 },
        s_defaults with { MaxAskAheadBytes = -1 },
        s_defaults with { MaxAskAheadBytes = (1L << 40) + 1 },
        s_defaults with { MapUri = null! },
        s_defaults with { TimeProvider = null! },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_its_range_is_refused_at_once(HttpRangeFetcherOptions options)
        => Assert.ThrowsAny<ArgumentException>(() => new HttpRangeFetcher(Client, new Uri("http://localhost/"), options));

    [Theory]
    [InlineData("ftp://localhost/")]
    [InlineData("file:///srv/images")]
    [InlineData("images/")]
    [InlineData("http://user:password@localhost/")]
    public void A_URL_of_another_kind_is_refused_at_once(string url)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new HttpRangeFetcher(Client, new Uri(url, UriKind.RelativeOrAbsolute)));
        Assert.DoesNotContain("password", e.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void There_are_1_to_64_mirrors(int count)
        => Assert.Throws<ArgumentException>(() => new HttpRangeFetcher(Client, Enumerable.Repeat(new Uri("http://localhost/"), count)));

    [Theory]
    [InlineData("http://h/images/", "blob", "http://h/images/blob")]
    [InlineData("http://h/images", "blob", "http://h/images/blob")]
    [InlineData("http://h", "blob", "http://h/blob")]
    [InlineData("http://h/a%20b/?sig=1%2F2", "blob", "http://h/a%20b/blob?sig=1%2F2")]
    [InlineData("http://h/x", "a b", "http://h/x/a%20b")]
    [InlineData("http://h/x", "a?b#c%d", "http://h/x/a%3Fb%23c%25d")]
    [InlineData("http://h/x", "...", "http://h/x/...")]
    [InlineData("http://h/x", "%2e%2e", "http://h/x/%252e%252e")]
    [InlineData("http://h/x", "a\\b", "http://h/x/a%5Cb")]
    [InlineData("http://h/x", "sha256:ab", "http://h/x/sha256%3Aab")]
    [InlineData("http://h/x", "ü", "http://h/x/%C3%BC")]
    public void A_name_becomes_one_segment_behind_the_path(string mirror, string name, string uri)
        => Assert.Equal(uri, s_defaults.MapUri(new ObjectKey("erofs,test", name), new Uri(mirror))!.AbsoluteUri);

    [Fact(Timeout = Bound)]
    public async Task A_mapping_of_ones_own_is_asked_for_each_request_and_each_mirror()
    {
        FaultServer first = ServeGets((request, _) => request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"));
        FaultServer second = Serve(Blob.ServeAsync);
        var asked = 0;
        HttpRangeFetcher fetcher = await OpenAsync(
            Options with { MapUri = (key, mirror) => new Uri(mirror, $"/{key.VolumeText}/{key.CookieText}?sig={++asked}") },
            first,
            second);
        await FetchAsync(fetcher, Blob.Whole);
        Assert.Equal(["/erofs,test/blob?sig=1", "/erofs,test/blob?sig=2"], first.Requests.Select(request => request.Target));
        Assert.Equal("/erofs,test/blob?sig=3", Assert.Single(second.Requests).Target);
    }

    [Fact(Timeout = Bound)]
    public async Task A_secret_in_a_query_is_in_no_message()
    {
        FaultServer server = Serve(request => request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"));
        var fetcher = new HttpRangeFetcher(Client, new Uri(server.Uri, "?sig=s3cr3t"), Options);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Equal("/images/blob?sig=s3cr3t", server.Requests[0].Target);
        Assert.DoesNotContain("s3cr3t", e.ToString());
    }

    [Fact(Timeout = Bound)]
    public async Task The_version_of_HTTP_is_the_clients()
    {
        FaultServer server = Serve(request =>
        {
            request.Close();
            return Task.CompletedTask;
        });
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var fetcher = new HttpRangeFetcher(client, server.Uri, Options with { MaxAttempts = 1 });
        // The server speaks only HTTP/1.1, and is greeted in HTTP/2.
        await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Contains(server.Requests, request => request.Method == "PRI");
    }
}
