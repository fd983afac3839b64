namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>How long an object is, and whether there is one.</summary>
public sealed class LengthTests : HttpTest
{
    [Fact(Timeout = Bound)]
    public async Task The_length_comes_by_HEAD()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        Assert.Equal(Blob.Bytes.Length, await Fetcher(Options, server).GetLengthAsync(Blob.Key, Token));
        FaultRequest request = Assert.Single(server.Requests);
        Assert.Equal("HEAD", request.Method);
        Assert.Equal("/images/blob", request.Target);
        Assert.Equal("identity", request["Accept-Encoding"]);
    }

    [Theory(Timeout = Bound)]
    [InlineData("HTTP/1.1 405 Method Not Allowed", "Content-Length: 0")]
    [InlineData("HTTP/1.1 501 Not Implemented", "Content-Length: 0")]
    [InlineData("HTTP/1.1 403 Forbidden", "Content-Length: 0")]
    [InlineData("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\nContent-Encoding: gzip")]
    public async Task A_server_that_has_no_HEAD_is_asked_for_the_first_byte(string status, string header)
    {
        FaultServer server = Serve(request => request.Method == "HEAD" ? request.HeadAsync(status, header) : Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        Assert.Equal(["HEAD ", "GET bytes=0-0"], server.Requests.Select(request => $"{request.Method} {request["Range"]}"));

        await FetchAsync(fetcher, new ByteRange(5, 500));
        Assert.Equal("\"one\"", server.Requests[2]["If-Range"]);
    }

    [Theory(Timeout = Bound)]
    [InlineData("HTTP/1.1 416 Range Not Satisfiable", "Content-Range: bytes */0")]
    [InlineData("HTTP/1.1 200 OK", "X-Nothing: 1")]
    public async Task An_empty_object_has_no_first_byte(string status, string header)
    {
        FaultServer server = Serve(request => request.Method == "HEAD"
            ? request.HeadAsync("HTTP/1.1 405 Method Not Allowed", "Content-Length: 0")
            : request.HeadAsync(status, header, "Content-Length: 0"));
        Assert.Equal(0, await Fetcher(Options, server).GetLengthAsync(Blob.Key, Token));
    }

    [Theory(Timeout = Bound)]
    [InlineData("HTTP/1.1 200 OK", "X-Nothing: 1", 1, "200 instead of 206")]
    [InlineData("HTTP/1.1 206 Partial Content", "Content-Range: bytes 0-0/*", 2, "did not say it")]
    [InlineData("HTTP/1.1 206 Partial Content", "Content-Range: bytes 1-1/17", 2, "did not say it")]
    [InlineData("HTTP/1.1 206 Partial Content", "X-Nothing: 1", 2, "did not say it")]
    [InlineData("HTTP/1.1 206 Partial Content", "Content-Range: bytes 0-0/17\r\nContent-Encoding: br", 2, "Content-Encoding br")]
    [InlineData("HTTP/1.1 403 Forbidden", "X-Nothing: 1", 1, "credentials")]
    [InlineData("HTTP/1.1 503 Service Unavailable", "X-Nothing: 1", 2, "answered 503")]
    public async Task A_first_byte_that_comes_with_no_length_is_a_failure(string status, string header, int times, string said)
    {
        FaultServer server = Serve(async request =>
        {
            await request.HeadAsync(request.Method == "HEAD" ? "HTTP/1.1 501 Not Implemented" : status, header, $"Content-Length: {(request.Method == "HEAD" ? 0 : 1)}");
            if (request.Method != "HEAD")
                await request.BodyAsync(new byte[1]);
        });
        HttpRangeFetcher fetcher = Fetcher(Options with { MaxAttempts = 2 }, server);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Contains(said, e.Message);
        Assert.Equal(times, server.Requests.Count(request => request.Method == "GET"));
    }

    [Theory(Timeout = Bound)]
    [InlineData("404 Not Found")]
    [InlineData("410 Gone")]
    public async Task What_a_server_does_not_have_is_no_object(string status)
    {
        FaultServer server = Serve(request => request.HeadAsync($"HTTP/1.1 {status}", "Content-Length: 0"));
        Assert.Null(await Fetcher(Options, server).GetLengthAsync(Blob.Key, Token));
        Assert.Single(server.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task What_only_one_mirror_has_is_an_object()
    {
        FaultServer empty = Serve(request => request.HeadAsync("HTTP/1.1 404 Not Found", "Content-Length: 0"));
        FaultServer full = Serve(Blob.ServeAsync);
        await OpenAsync(Options, empty, full);
        Assert.Single(empty.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task A_failure_beside_a_404_does_not_mean_that_there_is_no_object()
    {
        FaultServer empty = Serve(request => request.HeadAsync("HTTP/1.1 404 Not Found", "Content-Length: 0"));
        FaultServer broken = Serve(request => request.HeadAsync("HTTP/1.1 500 Internal Server Error", "Content-Length: 0"));
        HttpRangeFetcher fetcher = Fetcher(Options, empty, broken);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Contains("answered 404", e.Message);
        Assert.Contains("answered 500", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task A_length_is_asked_for_again_after_a_failure()
    {
        FaultServer server = Serve(request => request.Number < 4 ? request.HeadAsync("HTTP/1.1 503 Service Unavailable", "Content-Length: 0") : Blob.ServeAsync(request));
        await OpenAsync(Options, server);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_key_that_is_no_file_name_is_no_object_and_nobody_is_asked()
    {
        FaultServer server = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = Fetcher(Options, server);
        foreach (byte[] cookie in new byte[][] { [], [0xff, 0xfe], [.. ".."u8], [.. "."u8], [.. "a/b"u8], [.. "../blob"u8], [(byte)'a', 0] })
            Assert.Null(await fetcher.GetLengthAsync(new ObjectKey("erofs,test"u8, cookie), Token));
        Assert.Empty(server.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task Asking_for_a_length_ends_with_the_token()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        FaultServer server = Serve(request =>
        {
            deadline.Cancel();
            return request.ClientLeavesAsync();
        });
        HttpRangeFetcher fetcher = Fetcher(Options, server);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await fetcher.GetLengthAsync(Blob.Key, deadline.Token));
    }
}
