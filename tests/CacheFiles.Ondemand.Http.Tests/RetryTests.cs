using System.Diagnostics.Metrics;
using System.Globalization;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>When a server is asked again, and which one.</summary>
public sealed class RetryTests : HttpTest
{
    private static readonly ByteRange s_range = new(1000, 200_000);
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(100);

    private HttpRangeFetcherOptions Waiting => Options with { RetryDelay = s_delay, MaxRetryDelay = TimeSpan.FromSeconds(1) };

    [Fact(Timeout = Bound)]
    public async Task The_waits_double_up_to_a_limit_and_are_shortened_at_random()
    {
        FaultServer server = ServeGets((request, _) => request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"));
        HttpRangeFetcher fetcher = await OpenAsync(Waiting with { MaxAttempts = 12 }, server);
        Task fetch = FetchAsync(fetcher, s_range);
        var shares = new List<double>();
        for (var attempt = 1; attempt < 12; attempt++)
        {
            TimeSpan wait = await Time.TimerAsync(due => due <= TimeSpan.FromSeconds(1)).WaitAsync(Token);
            Assert.Equal(attempt, server.Requests.Count - 1);
            TimeSpan whole = s_delay * Math.Min(10, 1 << (attempt - 1));
            Assert.InRange(wait, whole / 2, whole);
            shares.Add(wait / whole);
            Time.Advance(wait);
        }
        await Assert.ThrowsAsync<RangeFetchException>(() => fetch);
        Assert.Equal(12, server.Requests.Count - 1);
        Assert.True(shares.Distinct().Count() > 5, string.Join(' ', shares));
    }

    [Fact(Timeout = Bound)]
    public async Task An_attempt_that_brought_bytes_starts_the_count_anew()
    {
        FaultServer server = ServeGets(async (request, get) =>
        {
            if (get % 3 != 0)
            {
                await request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0");
                return;
            }
            await Blob.PartialHeadAsync(request);
            await request.BodyAsync(Blob.Asked(request)[..Math.Min(10_000, Blob.Asked(request).Length)]);
            request.Close();
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options with { MaxAttempts = 3 }, server);
        await FetchAsync(fetcher, s_range);
        Assert.Equal(1 + 20 * 3, server.Requests.Count);
    }

    [Theory(Timeout = Bound)]
    [InlineData("429 Too Many Requests", false)]
    [InlineData("429 Too Many Requests", true)]
    [InlineData("503 Service Unavailable", false)]
    public async Task Retry_After_is_waited_for_by_every_fetch(string status, bool asDate)
    {
        FaultServer server = ServeGets((request, get) =>
        {
            DateTimeOffset now = Time.GetUtcNow();
            var after = asDate
                ? string.Create(CultureInfo.InvariantCulture, $"Retry-After: {now.AddSeconds(7):R}")
                : "Retry-After: 7";
            return get > 1 ? Blob.ServeAsync(request) : request.HeadAsync($"HTTP/1.1 {status}", "Content-Length: 0", after);
        });
        HttpRangeFetcher fetcher = await OpenAsync(Waiting, server);
        Task fetch = FetchAsync(fetcher, s_range);
        await Time.TimerAsync(IsRest(7)).WaitAsync(Token);

        // Another fetch that comes meanwhile does not ask either.
        Time.Advance(TimeSpan.FromSeconds(2));
        Task other = FetchAsync(fetcher, s_range);
        TimeSpan wait = await Time.TimerAsync(IsRest(5), count: 2).WaitAsync(Token);
        Assert.Equal(2, server.Requests.Count);

        Time.Advance(wait);
        await fetch;
        await other;
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_date_in_Retry_After_is_seen_against_the_servers_own_clock()
    {
        FaultServer server = ServeGets((request, get) => get > 1
            ? Blob.ServeAsync(request)
            : request.HeadAsync("HTTP/1.1 503 No", "Content-Length: 0", "Date: Mon, 16 Nov 2026 10:00:00 GMT", "Retry-After: Mon, 16 Nov 2026 10:00:03 GMT"));
        HttpRangeFetcher fetcher = await OpenAsync(Waiting, server);
        Task fetch = FetchAsync(fetcher, s_range);
        Time.Advance(await Time.TimerAsync(IsRest(3)).WaitAsync(Token));
        await fetch;
    }

    [Fact(Timeout = Bound)]
    public async Task Waiting_for_a_server_ends_with_the_token()
    {
        FaultServer server = ServeGets((request, _) => request.HeadAsync("HTTP/1.1 503 No", "Content-Length: 0", "Retry-After: 15"));
        HttpRangeFetcher fetcher = await OpenAsync(Waiting, server);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task fetch = FetchAsync(fetcher, new RecordingWriter(s_range), deadline.Token);
        await Time.TimerAsync(IsRest(15)).WaitAsync(Token);
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_server_that_asks_for_too_long_a_wait_fails_the_fetch_and_is_left_alone_for_the_longest()
    {
        FaultServer server = ServeGets((request, get) => get > 1
            ? Blob.ServeAsync(request)
            : request.HeadAsync("HTTP/1.1 503 No", "Content-Length: 0", "Retry-After: 3600"));
        HttpRangeFetcher fetcher = await OpenAsync(Waiting, server);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
        Assert.Contains("Retry-After: 3600 s", e.Message);

        Task next = FetchAsync(fetcher, s_range);
        TimeSpan wait = await Time.TimerAsync(IsRest(20)).WaitAsync(Token);
        Assert.Equal(2, server.Requests.Count);
        Time.Advance(wait);
        await next;
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_that_asks_to_be_left_alone_is_not_waited_for_while_there_is_another()
    {
        FaultServer busy = ServeGets((request, _) => request.HeadAsync("HTTP/1.1 429 No", "Content-Length: 0", "Retry-After: 10"));
        FaultServer free = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Waiting, busy, free);
        await FetchAsync(fetcher, s_range);
        await FetchAsync(fetcher, s_range);
        Assert.Equal(2, busy.Requests.Count);
        Assert.Equal(2, free.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_that_failed_comes_behind_the_others_for_a_while_and_for_longer_each_time()
    {
        FaultServer bad = ServeGets((request, _) => request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0"));
        FaultServer good = Serve(Blob.ServeAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Waiting, bad, good);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            var asked = bad.Requests.Count;
            await FetchAsync(fetcher, s_range);
            Assert.Equal(asked + 1, bad.Requests.Count);
            Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await FetchAsync(fetcher, s_range);
            Assert.Equal(asked + 1, bad.Requests.Count);
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact(Timeout = Bound)]
    public async Task Every_mirror_is_asked_before_a_fetch_fails_and_all_are_named()
    {
        FaultServer[] mirrors = [.. Enumerable.Range(0, 6).Select(i => ServeGets((request, _) => request.HeadAsync($"HTTP/1.1 50{(i == 1 ? 9 : i)} No", "Content-Length: 0")))];
        HttpRangeFetcher fetcher = await OpenAsync(Waiting with { MaxAttempts = 1 }, mirrors);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, s_range));
        Assert.All(mirrors, mirror => Assert.Single(mirror.Requests, request => request.Method == "GET"));
        Assert.All(mirrors, mirror => Assert.Contains($"{mirror.Uri}blob", e.Message));
    }

    [Fact(Timeout = Bound)]
    public async Task Repeated_requests_are_counted()
    {
        var mine = new AsyncLocal<bool> { Value = true };
        long retries = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == OndemandTelemetry.SourceRetries)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => retries += mine.Value ? count : 0);
        listener.Start();
        FaultServer server = ServeGets((request, get) => get < 4 ? request.HeadAsync("HTTP/1.1 500 No", "Content-Length: 0") : Blob.ServeAsync(request));
        await FetchAsync(await OpenAsync(Options, server), s_range);
        Assert.Equal(3, retries);
    }

    private static Func<TimeSpan, bool> IsRest(int seconds)
        => due => due > TimeSpan.FromSeconds(seconds) && due <= TimeSpan.FromSeconds(seconds) + s_delay;
}
