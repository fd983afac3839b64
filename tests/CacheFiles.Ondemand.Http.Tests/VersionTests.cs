namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>An object that is open stays the same, or its fetches fail.</summary>
public sealed class VersionTests : HttpTest
{
    private const string Monday = "Mon, 16 Nov 2026 10:00:00 GMT";
    private const string Tuesday = "Tue, 17 Nov 2026 10:00:00 GMT";

    private static readonly ByteRange s_range = new(1000, 200_000);

    private Blob New(string? etag, string? lastModified, int? length = null)
    {
        var bytes = new byte[length ?? Blob.Bytes.Length];
        Random.NextBytes(bytes);
        return new Blob(bytes, etag, lastModified);
    }

    public static TheoryData<string?, string?, string?> Validators => new()
    {
        { "\"one\"", null, "\"one\"" },
        { "\"one\"", Monday, "\"one\"" },
        { null, Monday, Monday },
        { "W/\"one\"", Monday, null },
        { "unquoted", null, null },
        { "\"a\", \"b\"", null, null },
        { null, null, null },
    };

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Validators))]
    public async Task A_strong_tag_or_else_a_date_goes_into_If_Range(string? etag, string? date, string? condition)
    {
        Blob = New(etag, date);
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await FetchAsync(fetcher, s_range);
        Assert.Equal(condition, server.Requests[1]["If-Range"]);
    }

    [Theory(Timeout = Bound)]
    [InlineData("\"one\"", null, "\"two\"", null)]
    [InlineData("\"one\"", Monday, "\"two\"", Monday)]
    [InlineData("\"one\"", null, null, null)]
    [InlineData("W/\"one\"", null, "W/\"two\"", null)]
    [InlineData("unquoted", null, "otherwise", null)]
    [InlineData(null, Monday, null, Tuesday)]
    public async Task A_version_that_shows_itself_to_be_another_is_a_fault(string? etag, string? date, string? newTag, string? newDate)
    {
        Blob = New(etag, date);
        Blob changed = New(newTag, newDate);
        // Once with a server that heeds If-Range and sends the whole, once with one that does not and sends a part of the new version.
        foreach (var heeds in new[] { true, false })
        {
            Blob now = Blob;
            FaultServer server = Serve(async request =>
            {
                if (request.Method == "HEAD" || heeds)
                {
                    await now.ServeAsync(request);
                    return;
                }
                await now.PartialHeadAsync(request);
                await request.BodyAsync(now.Asked(request));
            });
            HttpRangeFetcher fetcher = await OpenAsync(Options, server);
            await FetchAsync(fetcher, s_range);

            now = changed;
            RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
            Assert.Contains("changed at the origin", e.Message);
            Assert.Equal(3, server.Requests.Count);
        }
    }

    [Theory(Timeout = Bound)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-200_000)]
    public async Task Another_length_is_a_fault_without_any_tag_too(int more)
    {
        Blob = New(null, null);
        Blob now = Blob;
        FaultServer server = Serve(request => now.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        now = New(null, null, Blob.Bytes.Length + more);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, new ByteRange(150_000, 50_000)));
        Assert.Contains("changed at the origin", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task A_date_may_be_left_out_of_a_206()
    {
        Blob = New(null, Monday);
        FaultServer server = ServeGets(async (request, _) =>
        {
            await request.HeadAsync("HTTP/1.1 206 Partial Content", Blob.ContentRange(request), $"Content-Length: {Blob.Asked(request).Length}");
            await request.BodyAsync(Blob.Asked(request));
        });
        await FetchAsync(await OpenAsync(Options, server), s_range);
    }

    [Fact(Timeout = Bound)]
    public async Task An_object_that_changes_between_two_attempts_keeps_the_bytes_of_the_first()
    {
        Blob changed = New("\"two\"", null);
        var writer = new RecordingWriter(s_range);
        FaultServer server = ServeGets(async (request, get) =>
        {
            if (get > 1)
            {
                await changed.ServeAsync(request);
                return;
            }
            await Blob.PartialHeadAsync(request);
            await request.BodyAsync(Blob.Asked(request)[..100_000]);
            await writer.ReachedAsync(101_000);
            request.Close();
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, writer));
        Assert.Contains("changed at the origin", e.Message);
        Assert.Equal(101_000, writer.Position);
    }

    [Fact(Timeout = Bound)]
    public async Task An_object_that_is_opened_again_is_the_new_version()
    {
        Blob now = Blob;
        FaultServer server = Serve(request => now.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        fetcher.ObjectClosed(Blob.Key);
        Blob = now = New("\"two\"", null, 250_000);
        Assert.Equal(250_000, await fetcher.GetLengthAsync(Blob.Key, Token));
        await FetchAsync(fetcher, s_range);
    }

    [Fact(Timeout = Bound)]
    public async Task A_CLOSE_that_comes_late_does_not_take_the_version_of_the_next_OPEN_away()
    {
        Blob now = Blob;
        FaultServer server = Serve(request => now.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        Assert.NotNull(await fetcher.GetLengthAsync(Blob.Key, Token));
        fetcher.ObjectClosed(Blob.Key);
        now = New("\"two\"", null);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
        Assert.Contains("changed at the origin", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task An_object_that_was_not_opened_is_pinned_by_its_first_fetch()
    {
        Blob now = Blob;
        FaultServer server = Serve(request => now.ServeAsync(request));
        HttpRangeFetcher fetcher = Fetcher(Options, server);
        await FetchAsync(fetcher, s_range);
        await FetchAsync(fetcher, s_range);
        Assert.Equal(["HEAD", "GET", "GET"], server.Requests.Select(request => request.Method));
        now = New("\"two\"", null);
        await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
    }

    [Fact(Timeout = Bound)]
    public async Task A_range_behind_the_end_of_an_object_that_was_not_opened_is_a_failure()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = Fetcher(Options, server);
        var writer = new RecordingWriter(new ByteRange(Blob.Bytes.Length - 10, 20));
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, writer));
        Assert.Contains("ends behind", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task An_object_that_is_gone_is_a_failure()
    {
        FaultServer server = Serve(request => request.HeadAsync("HTTP/1.1 404 Not Found", "Content-Length: 0"));
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(Fetcher(Options, server), s_range));
        Assert.Contains("no such object", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task Each_mirror_has_tags_of_its_own()
    {
        var other = new Blob(Blob.Bytes, "\"uno\"");
        FaultServer first = ServeGets((request, get) => get == 1 ? Blob.ServeAsync(request) : request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"));
        FaultServer second = Serve(other.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, first, second);
        for (var i = 0; i < 3; i++)
            await FetchAsync(fetcher, s_range);
        Assert.Equal([null, "\"uno\""], second.Requests.Select(request => request["If-Range"]));
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_that_was_seen_before_goes_on_when_another_one_changes()
    {
        Blob now = Blob;
        var isDown = false;
        FaultServer first = ServeGets((request, _) => isDown ? request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0") : now.ServeAsync(request));
        FaultServer second = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, first, second);
        isDown = true;
        await FetchAsync(fetcher, s_range);
        Assert.Single(second.Requests);
        isDown = false;
        now = New("\"two\"", null);
        Time.Advance(TimeSpan.FromMinutes(2));
        await FetchAsync(fetcher, s_range);
        Assert.Equal(2, second.Requests.Count);
        Assert.Equal(3, first.Requests.Count);
        // From then on the one that has changed comes last.
        await FetchAsync(fetcher, s_range);
        Assert.Equal(3, first.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_that_was_not_seen_before_a_change_is_not_trusted()
    {
        Blob now = Blob;
        FaultServer first = Serve(request => now.ServeAsync(request));
        FaultServer second = Serve(request => now.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, first, second);
        now = New("\"two\"", null);
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
        Assert.Empty(second.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_with_an_object_of_another_length_is_left_out()
    {
        Blob short_ = New(null, null, 1_000_000);
        FaultServer first = ServeGets((request, get) => get == 1 ? request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0") : Blob.ServeAsync(request));
        FaultServer second = Serve(short_.ServeAsync);
        FaultServer third = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, first, second, third);
        await FetchAsync(fetcher, s_range);
        Assert.Single(second.Requests);
        Assert.Single(third.Requests);
    }
}
