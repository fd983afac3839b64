using System.Diagnostics.Metrics;
using CacheFiles.Ondemand.Internal.Http;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>A second request when the first is slower than usual.</summary>
public sealed class HedgeTests : HttpTest
{
    private static readonly ByteRange s_range = new(1000, 200_000);
    private static readonly TimeSpan s_usual = TimeSpan.FromMilliseconds(10);

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_mirror_is_overtaken_by_the_next_and_given_up(bool sendsHead)
    {
        FaultServer slow = ServeUsual(async request =>
        {
            // The first byte of the body is what counts, not the head.
            if (sendsHead)
                await Blob.PartialHeadAsync(request);
            await LeaveWaitingAsync(request);
        });
        FaultServer quick = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, quick);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        Assert.Single(quick.Requests);
        Assert.Equal("bytes=1000-200999", quick.Requests[0]["Range"]);
        await _left.Task.WaitAsync(Token);
    }

    [Fact(Timeout = Bound)]
    public async Task A_lone_slow_server_is_asked_twice()
    {
        var slowOnes = 0;
        FaultServer server = ServeUsual(request => Interlocked.Increment(ref slowOnes) == 1 ? LeaveWaitingAsync(request) : Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await WarmUpAsync(server);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        await _left.Task.WaitAsync(Token);
        Assert.Equal(2, slowOnes);
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_that_has_failed_lately_is_not_asked_beside_a_slow_one()
    {
        var gets = 0;
        FaultServer slow = ServeUsual(request => Interlocked.Increment(ref gets) switch
        {
            1 => request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"),
            3 => LeaveWaitingAsync(request),
            _ => Blob.ServeAsync(request),
        });
        FaultServer bad = Serve(request => request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"));
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, bad);
        // Both fail, and the first recovers.
        await FetchAsync(fetcher, s_range);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        Assert.Equal(4, gets);
        Assert.Single(bad.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_that_is_overtaken_again_and_again_is_known_to_be_slow()
    {
        FaultServer slow = ServeUsual(request => request.ClientLeavesAsync());
        FaultServer quick = Serve(request =>
        {
            Time.Advance(s_usual * 2);
            return Blob.ServeAsync(request);
        });
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, quick);
        TimeSpan usual = s_usual;
        // How long one that was given up took is noted a little after.
        for (var times = 0; usual == s_usual; times++)
        {
            Assert.True(times < LatencyWindow.Size, "It still passes for quick.");
            Task overtaken = FetchAsync(fetcher, s_range);
            usual = await Time.TimerAsync(due => due < Options.AttemptTimeout).WaitAsync(Token);
            Time.Advance(usual);
            await overtaken;
        }
        Assert.True(usual >= s_usual * 3, usual.ToString());
    }

    [Fact(Timeout = Bound)]
    public async Task A_first_request_that_delivers_first_after_all_wins()
    {
        FaultServer slow = ServeUsual(async request =>
        {
            _asked.SetResult();
            await _release.Task;
            await Blob.ServeAsync(request);
        });
        FaultServer slower = Serve(async request =>
        {
            _release.SetResult();
            await LeaveAsync(request);
        });
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, slower);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        await _left.Task.WaitAsync(Token);
    }

    [Fact(Timeout = Bound)]
    public async Task A_second_request_that_fails_does_not_end_the_first()
    {
        FaultServer slow = ServeUsual(async request =>
        {
            _asked.SetResult();
            await _release.Task;
            await Blob.ServeAsync(request);
        });
        FaultServer bad = Serve(async request =>
        {
            await request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0");
            _release.SetResult();
        });
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, bad);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        Assert.Single(bad.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task A_first_request_that_fails_does_not_end_the_second()
    {
        FaultServer slow = ServeUsual(async request =>
        {
            _asked.SetResult();
            await _release.Task;
            await request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0");
            _left.SetResult();
        });
        FaultServer second = Serve(async request =>
        {
            _release.SetResult();
            await _left.Task;
            await Blob.ServeAsync(request);
        });
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, second);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        Assert.Single(second.Requests);
    }

    [Fact(Timeout = Bound)]
    public async Task Where_both_fail_the_fetch_goes_on_to_the_next_attempt()
    {
        var slowOnes = 0;
        FaultServer slow = ServeUsual(async request =>
        {
            if (Interlocked.Increment(ref slowOnes) == 1)
            {
                _asked.SetResult();
                await _release.Task;
                await request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0");
                return;
            }
            await Blob.ServeAsync(request);
        });
        FaultServer bad = Serve(async request =>
        {
            _release.TrySetResult();
            await request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0");
        });
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, bad);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
    }

    [Fact(Timeout = Bound)]
    public async Task Both_end_with_the_token()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        FaultServer slow = ServeUsual(LeaveWaitingAsync);
        FaultServer slower = Serve(async request =>
        {
            await deadline.CancelAsync();
            await request.ClientLeavesAsync();
        });
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, slower);
        Task fetch = FetchAsync(fetcher, new RecordingWriter(s_range), deadline.Token);
        await BecomeSlowAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        await _left.Task.WaitAsync(Token);
    }

    [Fact(Timeout = Bound)]
    public async Task Doubled_requests_are_counted()
    {
        var mine = new AsyncLocal<bool> { Value = true };
        long hedges = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == OndemandTelemetry.SourceHedges)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => hedges += mine.Value ? count : 0);
        listener.Start();
        FaultServer slow = ServeUsual(LeaveWaitingAsync);
        FaultServer quick = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await WarmUpAsync(slow, quick);
        Assert.Equal(0, hedges);
        Task fetch = FetchAsync(fetcher, s_range);
        await BecomeSlowAsync();
        await fetch;
        Assert.Equal(1, hedges);
    }

    /// <summary>A server that takes as long as usual for as many requests as it takes to know what is usual, and then answers as a test says.</summary>
    private FaultServer ServeUsual(Func<FaultRequest, Task> then) => ServeGets((request, get) =>
    {
        if (get > LatencyWindow.Fewest)
            return then(request);
        Time.Advance(s_usual);
        return Blob.ServeAsync(request);
    });

    private async Task<HttpRangeFetcher> WarmUpAsync(params FaultServer[] mirrors)
    {
        HttpRangeFetcher fetcher = await OpenAsync(Options with { HedgePercent = 100 }, mirrors);
        for (var i = 0; i < LatencyWindow.Fewest; i++)
            await FetchAsync(fetcher, new ByteRange(i, 1));
        return fetcher;
    }

    /// <summary>Waits until the slow server was asked and the fetch waits for it, and lets the usual time pass.</summary>
    private async Task BecomeSlowAsync()
    {
        await _asked.Task.WaitAsync(Token);
        await Time.TimerAsync(s_usual).WaitAsync(Token);
        Time.Advance(s_usual);
    }

    private Task LeaveWaitingAsync(FaultRequest request)
    {
        _asked.SetResult();
        return LeaveAsync(request);
    }

    private async Task LeaveAsync(FaultRequest request)
    {
        await request.ClientLeavesAsync();
        _left.SetResult();
    }
}
