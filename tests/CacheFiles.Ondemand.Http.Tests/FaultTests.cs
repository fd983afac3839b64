namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>Each fault of a server, at a lone server and at one of two.</summary>
public sealed class FaultTests : HttpTest
{
    private static readonly ByteRange s_range = new(1000, 200_000);

    public static TheoryData<string> Names => [.. Faults.All.Keys];

    // A drip delivers in the end, if nobody sets a deadline.
    public static TheoryData<string> NamesOfLasting => [.. Faults.All.Keys.Where(name => name != "a drip")];

    public static TheoryData<string> NamesOfPassing => [.. Faults.All.Where(fault => fault.Value.Times > 1).Select(fault => fault.Key)];

    [Theory(Timeout = Bound)]
    [MemberData(nameof(NamesOfLasting))]
    public async Task A_server_that_does_it_always_fails_the_fetch(string name)
    {
        Fault fault = Faults.All[name];
        var writer = new RecordingWriter(s_range);
        FaultServer server = ServeGets((request, _) => fault.Do(Scene(request, writer)));
        HttpRangeFetcher fetcher = await OpenAsync(Options with { MaxAttempts = 3 }, server);

        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, writer));

        Say(e.Message);
        Assert.Contains(fault.Said, e.Message);
        Assert.Contains(new Uri(server.Uri, "blob").ToString(), e.Message);
        Assert.Contains(Blob.Key.ToString(), e.Message);
        AssertAttempts(fault, [.. server.Requests.Skip(1)], writer);
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(NamesOfPassing))]
    public async Task A_server_that_does_it_once_is_asked_again_for_what_is_missing(string name)
    {
        Fault fault = Faults.All[name];
        var writer = new RecordingWriter(s_range);
        long reached = 0;
        FaultServer server = ServeGets((request, get) =>
        {
            if (get > 1)
            {
                reached = writer.Position;
                return Blob.ServeAsync(request);
            }
            return fault.Do(Scene(request, writer));
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);

        await FetchAsync(fetcher, writer);

        Assert.Equal(3, server.Requests.Count);
        Assert.Equal($"bytes={reached}-{s_range.End - 1}", server.Requests[2]["Range"]);
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Names))]
    public async Task A_mirror_that_does_it_is_left_for_the_next_one(string name)
    {
        Fault fault = Faults.All[name];
        var writer = new RecordingWriter(s_range);
        FaultServer bad = ServeGets((request, _) => fault.Do(Scene(request, writer)));
        FaultServer good = ServeGets((request, _) => Blob.ServeAsync(request));
        // Waits would not end: the clock stands still.
        HttpRangeFetcher fetcher = Fetcher(Options with { RetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(1) }, bad, good);
        await fetcher.GetLengthAsync(Blob.Key, Token);
        if (fault.Said.Contains("changed"))
        {
            // What another mirror has is only known to be the old version if it was seen before the change.
            await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, writer));
            return;
        }

        await FetchAsync(fetcher, writer);

        Assert.Equal(2, bad.Requests.Count);
        Assert.Single(good.Requests);
    }

    [Theory(Timeout = Bound)]
    [InlineData("silence instead of an answer")]
    [InlineData("silence behind the head")]
    [InlineData("silence in the body")]
    [InlineData("chunks that do not end")]
    [InlineData("a drip")]
    public async Task A_server_that_is_silent_does_not_outlive_the_token(string name)
    {
        Fault fault = Faults.All[name];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writer = new RecordingWriter(s_range);
        // The clock of the attempts stands still: only the token can end it. It fires where the clock would have been advanced.
        var still = new ManualTimeProvider();
        FaultServer server = ServeGets(async (request, _) =>
        {
            var scene = new FaultScene(request, Blob, writer, Time, Options.AttemptTimeout);
            using ITimer timer = Time.CreateTimer(_ => deadline.Cancel(), null, Options.AttemptTimeout, Timeout.InfiniteTimeSpan);
            await fault.Do(scene);
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options with { TimeProvider = still }, server);

        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FetchAsync(fetcher, writer, deadline.Token));

        Assert.Equal(deadline.Token, e.CancellationToken);
        Assert.Equal(2, server.Requests.Count);
    }

    private static void AssertAttempts(Fault fault, FaultRequest[] gets, RecordingWriter writer)
    {
        Assert.All(gets, get => Assert.Equal(s_range.End, get.Range.End));
        // What brought bytes does not count; each of the others asked for what the last one before it had left.
        Assert.True(gets.Length >= fault.Times, $"{gets.Length} requests");
        Assert.Equal(writer.Position, gets[^1].Range.Start);
        Assert.Equal(fault.Times, gets.Count(get => get.Range.Start == writer.Position));
    }

    private FaultScene Scene(FaultRequest request, RecordingWriter writer) => new(request, Blob, writer, Time, Options.AttemptTimeout);
}
