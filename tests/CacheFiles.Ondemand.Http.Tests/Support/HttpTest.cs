namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>What the tests against servers of ours share: a blob, a clock that stands still, a client, and servers that go with the test.</summary>
public abstract class HttpTest : IAsyncDisposable
{
    /// <summary>The time after which a test is taken to hang, in milliseconds.</summary>
    internal const int Bound = 60_000;

    private readonly List<FaultServer> _servers = [];

    private protected HttpTest()
    {
        Random = Seed.Random();
        Blob = Blob.Random(Random, 300_000);
    }

    private protected Random Random { get; }

    private protected Blob Blob { get; set; }

    private protected ManualTimeProvider Time { get; } = new();

    private protected HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false });

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Options without waits, on the clock that stands still.</summary>
    private protected HttpRangeFetcherOptions Options
        => new() { RetryDelay = TimeSpan.Zero, MaxRetryDelay = TimeSpan.Zero, HedgePercent = 0, TimeProvider = Time };

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Client.Dispose();
        foreach (FaultServer server in _servers)
            await server.DisposeAsync();
    }

    private protected FaultServer Serve(Func<FaultRequest, Task> answer)
    {
        var server = new FaultServer(answer);
        _servers.Add(server);
        return server;
    }

    /// <summary>A server that answers HEAD as it should be, and the n-th GET as a test says.</summary>
    private protected FaultServer ServeGets(Func<FaultRequest, int, Task> answer)
    {
        var gets = 0;
        return Serve(request => request.Method == "HEAD" ? Blob.ServeAsync(request) : answer(request, Interlocked.Increment(ref gets)));
    }

    private protected HttpRangeFetcher Fetcher(HttpRangeFetcherOptions options, params FaultServer[] mirrors)
        => new(Client, mirrors.Select(mirror => mirror.Uri), options);

    /// <summary>A fetcher with the blob open.</summary>
    private protected async Task<HttpRangeFetcher> OpenAsync(HttpRangeFetcherOptions options, params FaultServer[] mirrors)
    {
        HttpRangeFetcher fetcher = Fetcher(options, mirrors);
        Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(Blob.Key, Token));
        return fetcher;
    }

    private protected Task FetchAsync(IRangeFetcher fetcher, ByteRange range) => FetchAsync(fetcher, new RecordingWriter(range));

    /// <summary>Fetches a range and compares it with the blob. Where the fetch fails, what was written before is compared.</summary>
    private protected async Task FetchAsync(IRangeFetcher fetcher, RecordingWriter writer, CancellationToken? cancellationToken = null)
    {
        try
        {
            await fetcher.FetchAsync(Blob.Key, writer.Range, writer, cancellationToken ?? Token);
            Assert.Equal(0, writer.Remaining);
        }
        finally
        {
            writer.Close();
            Assert.True(
                Blob.Bytes.AsSpan((int)writer.Range.Offset, writer.Written.Length).SequenceEqual(writer.Written),
                $"The {writer.Written.Length} bytes that were written are not the blob's.");
        }
    }

    private protected static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
