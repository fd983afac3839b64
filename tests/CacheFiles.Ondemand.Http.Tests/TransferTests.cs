using System.Net.Http.Headers;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>The requests that are sent, and the shapes of a right response.</summary>
public sealed class TransferTests : HttpTest
{
    private static readonly ByteRange s_range = new(1000, 200_000);

    public static TheoryData<string> Shapes => ["length", "chunks", "until close", "one byte each", "identity"];

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Shapes))]
    public async Task A_right_response_is_taken_however_it_is_framed(string shape)
    {
        FaultServer server = ServeGets(async (request, _) =>
        {
            ReadOnlyMemory<byte> asked = Blob.Asked(request);
            switch (shape)
            {
                case "chunks":
                    await Blob.PartialHeadAsync(request, length: "Transfer-Encoding: chunked");
                    for (int size; asked.Length > 0; asked = asked[size..])
                        await request.ChunkAsync(asked[..(size = Math.Min(asked.Length, 1 + Random.Next(40_000)))]);
                    await request.BodyAsync("0\r\n\r\n"u8.ToArray());
                    break;
                case "until close":
                    await Blob.PartialHeadAsync(request, length: "Connection: close");
                    await request.BodyAsync(asked);
                    request.Close();
                    break;
                case "one byte each":
                    await Blob.PartialHeadAsync(request);
                    for (var i = 0; i < 100; i++)
                        await request.BodyAsync(asked.Slice(i, 1));
                    await request.BodyAsync(asked[100..]);
                    break;
                case "identity":
                    await Blob.PartialHeadAsync(request, more: "Content-Encoding: identity");
                    await request.BodyAsync(asked);
                    break;
                default:
                    await Blob.ServeAsync(request);
                    break;
            }
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await FetchAsync(fetcher, s_range);
        FaultRequest request = server.Requests[1];
        Assert.Equal("bytes=1000-200999", request["Range"]);
        Assert.Equal("\"one\"", request["If-Range"]);
        Assert.Equal("identity", request["Accept-Encoding"]);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_transfer_may_take_long_as_long_as_each_part_comes_in_time()
    {
        var writer = new RecordingWriter(s_range, pieceSize: 64 << 10);
        TimeSpan nearly = Options.AttemptTimeout * 0.9;
        FaultServer server = ServeGets(async (request, _) =>
        {
            Time.Advance(nearly);
            await Blob.PartialHeadAsync(request);
            ReadOnlyMemory<byte> asked = Blob.Asked(request);
            for (int sent = 0, size; sent < asked.Length; sent += size)
            {
                // The first byte by itself, then 64 KiB each.
                size = Math.Min(sent == 0 ? 1 : 64 << 10, asked.Length - sent);
                await request.BodyAsync(asked.Slice(sent, size));
                if (sent + size == asked.Length)
                    break;
                await writer.ReachedAsync(s_range.Offset + sent + size);
                Time.Advance(nearly);
            }
        });
        await FetchAsync(await OpenAsync(Options, server), writer);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task Any_range_is_fetched_and_many_at_once()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        ByteRange[] ranges = [.. Enumerable.Range(0, 100).Select(_ => Range()), new(0, 1), Blob.Whole, new(Blob.Bytes.Length - 1, 1), new(17, 0)];
        await Task.WhenAll(ranges.Select(range => FetchAsync(fetcher, range)));
    }

    [Fact(Timeout = Bound)]
    public async Task With_servers_that_do_all_wrong_at_random_every_byte_is_right()
    {
        // What does not pass, and what needs the clock, is not for this.
        Fault[] faults = [.. Faults.All.Values.Where(fault => fault.Times > 1 && fault.Said != "was too slow")];
        var dice = new Random(Random.Next());
        FaultServer[] mirrors = [.. Enumerable.Range(0, 3).Select(_ => ServeGets((request, _) =>
        {
            Fault? fault;
            lock (dice)
                fault = dice.Next(3) == 0 ? null : faults[dice.Next(faults.Length)];
            // No writer of its own: what waits for the client to have taken bytes waits for nothing.
            return fault is null ? Blob.ServeAsync(request) : fault.Do(new FaultScene(request, Blob, new RecordingWriter(new(Blob.Bytes.Length, 0)), Time, default));
        }))];
        HttpRangeFetcher fetcher = await OpenAsync(Options with { MaxAttempts = 100 }, mirrors);
        ByteRange[] ranges = [.. Enumerable.Range(0, 100).Select(_ => Range())];
        await Parallel.ForEachAsync(ranges, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (range, _) => await FetchAsync(fetcher, range));
    }

    [Fact(Timeout = Bound)]
    public async Task A_redirect_is_followed_without_the_authorization()
    {
        FaultServer target = Serve(Blob.ServeAsync);
        FaultServer server = Serve(request => request.HeadAsync("HTTP/1.1 302 Found", $"Location: {target.Uri}elsewhere?token=secret", "Content-Length: 0"));
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await FetchAsync(fetcher, s_range);
        Assert.All(server.Requests, request => Assert.Equal("Bearer secret", request["Authorization"]));
        Assert.Equal(2, target.Requests.Count);
        Assert.All(target.Requests, request => Assert.Null(request["Authorization"]));
        Assert.Equal("bytes=1000-200999", target.Requests[1]["Range"]);
        Assert.Equal("\"one\"", target.Requests[1]["If-Range"]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_failure_behind_a_redirect_names_both_URLs_and_no_secret()
    {
        FaultServer target = Serve(request => request.HeadAsync("HTTP/1.1 403 Forbidden", "Content-Length: 0"));
        FaultServer server = Serve(request => request.HeadAsync("HTTP/1.1 302 Found", $"Location: {target.Uri}elsewhere?token=secret", "Content-Length: 0"));
        HttpRangeFetcher fetcher = Fetcher(Options, server);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Contains($"{server.Uri}blob (redirected to {target.Uri}elsewhere)", e.Message);
        Assert.DoesNotContain("secret", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task A_redirect_that_the_client_does_not_follow_is_a_failure_with_a_remedy()
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        FaultServer server = Serve(request => request.HeadAsync("HTTP/1.1 302 Found", "Location: http://127.0.0.1:1/", "Content-Length: 0"));
        var fetcher = new HttpRangeFetcher(client, server.Uri, Options);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Contains("follow redirects", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task A_client_that_decompresses_is_a_failure_with_a_remedy()
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All });
        FaultServer server = Serve(Blob.ServeAsync);
        var fetcher = new HttpRangeFetcher(client, server.Uri, Options);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
        Assert.Contains("AutomaticDecompression", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task A_server_that_is_not_there_is_named_with_what_the_system_says()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await server.DisposeAsync();
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
        Assert.Contains($"{server.Uri}blob", e.Message);
        Assert.Contains("Connection refused", e.Message);
        Assert.NotNull(e.InnerException);
    }

    [Fact(Timeout = Bound)]
    public async Task What_the_writer_throws_is_not_tried_again()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        var writer = new RecordingWriter(s_range) { OnFlush = _ => throw new IOException("disk full") };
        IOException e = await Assert.ThrowsAsync<IOException>(() => FetchAsync(fetcher, writer));
        Assert.Equal("disk full", e.Message);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task Waiting_for_the_writer_ends_with_the_token()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writer = new RecordingWriter(s_range)
        {
            OnFlush = _ =>
            {
                deadline.Cancel();
                return default;
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FetchAsync(fetcher, writer, deadline.Token));
        Assert.Equal(2, server.Requests.Count);
    }

    private ByteRange Range()
    {
        var start = Random.Next(Blob.Bytes.Length);
        return new ByteRange(start, 1 + Random.Next(Math.Min(Blob.Bytes.Length - start, 1 << Random.Next(1, 19))));
    }
}
