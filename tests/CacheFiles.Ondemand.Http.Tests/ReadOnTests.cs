namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>Fetches that follow each other read on in one response.</summary>
public sealed class ReadOnTests : HttpTest
{
    private const int K = 1 << 10;

    // Where a run that began at 0 asks for more than its range.
    private const int Far = 2048 * K;
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnTests() => Blob = Blob.Random(Random, 8 << 20);

    [Fact(Timeout = Bound)]
    public async Task A_run_that_has_come_some_way_is_read_from_responses_that_reach_further()
    {
        Blob = Blob.Random(Random, 40 << 20);
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await RunUpAsync(fetcher);
        await ReadOnAsync(fetcher, Far, Far + (128 * K), 8 << 20, 17 * Far, (17 * Far) + K, Blob.Bytes.Length);
        // Sixteen times what has been read, and not more than there is.
        Assert.Equal([$"{Far}-{(17 * Far) - 1}", $"{17 * Far}-{Blob.Bytes.Length - 1}"], Asked(server)[4..]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_short_run_and_one_of_few_large_pieces_are_asked_for_as_they_are()
    {
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await ReadOnAsync(fetcher, 0, 2 << 20, 4 << 20, 6 << 20, 8 << 20);
        Assert.Equal(["0-2097151", "2097152-4194303", "4194304-6291455", "6291456-8388607"], Asked(server));
        await ReadOnAsync(fetcher, 100, 200, 300, 400, 500, 600);
        Assert.Equal(9, Asked(server).Length);
    }

    [Fact(Timeout = Bound)]
    public async Task A_fetch_that_a_response_does_not_reach_to_the_end_of_asks_for_the_rest()
    {
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options with { MaxAskAheadBytes = 64 * K }, server);
        await RunUpAsync(fetcher);
        await ReadOnAsync(fetcher, Far, Far + (128 * K), Far + (256 * K));
        Assert.Equal([$"{Far}-{Far + (192 * K) - 1}", $"{Far + (192 * K)}-{Far + (320 * K) - 1}"], Asked(server)[4..]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_fetch_that_comes_while_the_one_before_is_under_way_reads_on_behind_it()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        FaultServer server = ServeGets(async (request, get) =>
        {
            if (get == 5)
                await goOn.Task;
            await Blob.ServeAsync(request);
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await RunUpAsync(fetcher);
        Task first = FetchAsync(fetcher, ByteRange.FromBounds(Far, Far + (128 * K)));
        Task second = FetchAsync(fetcher, ByteRange.FromBounds(Far + (128 * K), Far + (768 * K)));
        Assert.False(second.IsCompleted);
        goOn.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal(5, Asked(server).Length);
    }

    /// <summary>A reader is released as soon as it has its bytes, and asks for the next ones before the fetch has ended.</summary>
    [Fact(Timeout = Bound)]
    public async Task A_fetch_whose_bytes_have_come_is_not_under_way_any_more()
    {
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await ReadOnAsync(fetcher, 0, 512 * K, 1024 * K, 1536 * K);
        await FetchAsync(fetcher, new RecordingWriter(ByteRange.FromBounds(1536 * K, Far))
        {
            OnFlush = async position =>
            {
                if (position == Far)
                    await FetchAsync(fetcher, new ByteRange(Far, 128 * K));
            },
        });
        Assert.Equal([$"{Far}-{Blob.Bytes.Length - 1}"], Asked(server)[4..]);
    }

    [Fact(Timeout = Bound)]
    public async Task Several_fetches_under_way_have_a_request_each()
    {
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingWriter[] writers = [.. Enumerable.Range(0, 8).Select(i => new RecordingWriter(new ByteRange(i * 512L * K, 512 * K)) { OnFlush = _ => new ValueTask(held.Task) })];
        Task[] fetches = [.. writers.Select(writer => FetchAsync(fetcher, writer))];
        held.SetResult();
        await Task.WhenAll(fetches);
        Assert.Equal(writers.Select(writer => $"{writer.Range.Offset}-{writer.Range.End - 1}"), Asked(server).OrderBy(asked => int.Parse(asked.Split('-')[0])));
    }

    [Fact(Timeout = Bound)]
    public async Task A_response_that_nobody_reads_on_is_given_up_after_a_second_and_a_slow_reader_has_none()
    {
        FaultServer server = ServeGets(LeaveUnreadAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await RunUpAsync(fetcher);
        await ReadOnAsync(fetcher, Far, Far + (128 * K));
        Time.Advance(s_kept);
        await _left.Task.WaitAsync(Token);
        await ReadOnAsync(fetcher, Far + (128 * K), Far + (256 * K));
        Assert.Equal([$"{Far + (128 * K)}-{Far + (256 * K) - 1}"], Asked(server)[5..]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_fetch_that_is_cancelled_leaves_nothing_to_the_next()
    {
        FaultServer server = ServeGets(LeaveUnreadAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await RunUpAsync(fetcher);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writer = new RecordingWriter(ByteRange.FromBounds(Far, Far + (128 * K)))
        {
            OnFlush = _ =>
            {
                cancelled.Cancel();
                return default;
            },
        };
        Task first = FetchAsync(fetcher, writer, cancelled.Token);
        Task second = FetchAsync(fetcher, ByteRange.FromBounds(Far + (128 * K), Far + (256 * K)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await second;
        await _left.Task.WaitAsync(Token);
        Assert.Equal(6, Asked(server).Length);
    }

    [Fact(Timeout = Bound)]
    public async Task A_fetch_that_is_cancelled_while_it_waits_for_the_one_before_does_not_hold_up_the_one_behind()
    {
        FaultServer server = ServeGets(LeaveUnreadAsync);
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await RunUpAsync(fetcher);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = FetchAsync(fetcher, new RecordingWriter(ByteRange.FromBounds(Far, Far + (128 * K))) { OnFlush = _ => new ValueTask(held.Task) });
        using var cancelled = new CancellationTokenSource();
        Task second = FetchAsync(fetcher, new RecordingWriter(ByteRange.FromBounds(Far + (128 * K), Far + (256 * K))), cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await FetchAsync(fetcher, ByteRange.FromBounds(Far + (256 * K), Far + (384 * K)));
        held.SetResult();
        await first;
        Time.Advance(s_kept);
        await _left.Task.WaitAsync(Token);
    }

    [Fact(Timeout = Bound)]
    public async Task A_response_that_ends_too_early_while_it_is_read_on_is_continued_by_a_request()
    {
        FaultServer server = ServeGets(async (request, get) =>
        {
            if (get != 5)
            {
                await Blob.ServeAsync(request);
                return;
            }
            await Blob.PartialHeadAsync(request);
            await request.BodyAsync(Blob.Asked(request)[..(200 * K)]);
            request.Close();
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options, server);
        await RunUpAsync(fetcher);
        await ReadOnAsync(fetcher, Far, Far + (128 * K), Far + (256 * K));
        Assert.Equal(6, Asked(server).Length);
        Assert.StartsWith($"{Far + (200 * K)}-", Asked(server)[5], StringComparison.Ordinal);
    }

    [Fact(Timeout = Bound)]
    public async Task A_response_that_stalls_while_it_is_read_on_is_overtaken_by_a_request()
    {
        FaultServer server = ServeGets(async (request, _) =>
        {
            if (request.Range.Start != Far)
            {
                await Blob.ServeAsync(request);
                return;
            }
            await Blob.PartialHeadAsync(request);
            await request.BodyAsync(Blob.Asked(request)[..(128 * K)]);
            await request.ClientLeavesAsync();
            _left.SetResult();
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options with { HedgePercent = 100 }, server);
        // Until it is known how long an answer takes: no time at all on a clock that stands still.
        for (var i = 0; i < 20; i++)
            await FetchAsync(fetcher, new ByteRange((4 << 20) + (2 * i * K), K));
        await RunUpAsync(fetcher);
        await ReadOnAsync(fetcher, Far, Far + (128 * K));
        Task stalled = FetchAsync(fetcher, ByteRange.FromBounds(Far + (128 * K), Far + (256 * K)));
        // A wait that is over already may still have its timer.
        while (await Task.WhenAny(stalled, Time.TimerAsync(span => span <= TimeSpan.FromMilliseconds(1))) != stalled)
            Time.Advance(TimeSpan.FromMilliseconds(1));
        await stalled;
        await _left.Task.WaitAsync(Token);
    }

    [Fact(Timeout = Bound)]
    public async Task Without_MaxAskAheadBytes_each_fetch_asks_for_its_range()
    {
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        await ReadOnAsync(await OpenAsync(Options with { MaxAskAheadBytes = 0 }, server), 0, 512 * K, 1024 * K, 2048 * K);
        Assert.Equal(["0-524287", "524288-1048575", "1048576-2097151"], Asked(server));
    }

    [Fact(Timeout = Bound)]
    public async Task At_most_16_responses_are_kept()
    {
        FaultServer server = ServeGets((request, _) => Blob.ServeAsync(request));
        HttpRangeFetcher fetcher = Fetcher(Options, server);
        ObjectKey[] keys = [.. Enumerable.Range(0, 20).Select(i => new ObjectKey("erofs,test", $"blob{i}"))];
        foreach (ObjectKey key in keys)
        {
            await fetcher.GetLengthAsync(key, Token);
            foreach (ByteRange range in Enumerable.Range(0, 5).Select(i => new ByteRange(i * 512L * K, 512 * K)))
                await fetcher.FetchAsync(key, range, new RecordingWriter(range), Token);
        }
        Assert.Equal(16, Asked(server).Count(asked => asked == $"{Far}-{Blob.Bytes.Length - 1}"));
        Assert.Equal(4, Asked(server).Count(asked => asked == $"{Far}-{Far + (512 * K) - 1}"));
    }

    [Fact(Timeout = Bound)]
    public async Task Wrong_bytes_in_what_is_read_on_come_from_another_mirror()
    {
        byte[] wrong = [.. Blob.Bytes];
        wrong[Far + (640 * K) + 5] ^= 1;
        FaultServer bad = Serve(new Blob(wrong).ServeAsync), good = Serve(Blob.ServeAsync);
        ChunkDigests digests = await ChunkDigests.ComputeAsync(new MemoryStream(Blob.Bytes), 64 * K, Token);
        var fetcher = new VerifyingRangeFetcher(await OpenAsync(Options, bad, good), _ => digests);
        for (var i = 0; i < 12; i++)
            await FetchAsync(fetcher, new RecordingWriter(new ByteRange(i * 256L * K, 256 * K)) { FlushesEachPiece = false });
        // What follows the wrong chunk comes from there as well.
        Assert.StartsWith($"{Far + (640 * K)}-", Asked(good)[0], StringComparison.Ordinal);
        Assert.Equal(9, Asked(bad).Length);
    }

    /// <summary>Runs of random pieces, forwards, several at once, with servers that fail and readers that leave.</summary>
    [Fact(Timeout = Bound)]
    public async Task However_runs_fail_and_are_left_every_byte_is_right()
    {
        Fault[] faults = [.. Faults.All.Values.Where(fault => fault.Times > 1 && fault.Said != "was too slow")];
        var dice = new Random(Random.Next());
        FaultServer server = ServeGets((request, _) =>
        {
            Fault? fault;
            lock (dice)
                fault = dice.Next(4) > 0 ? null : faults[dice.Next(faults.Length)];
            return fault is null ? Blob.ServeAsync(request) : fault.Do(new FaultScene(request, Blob, new RecordingWriter(new(Blob.Bytes.Length, 0)), Time, default));
        });
        HttpRangeFetcher fetcher = await OpenAsync(Options with { MaxAttempts = 100 }, server);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => new Random(Random.Next())).Select(random => Task.Run(() => ReadAtRandomAsync(fetcher, random))));
        Time.Advance(s_kept);
    }

    private async Task ReadAtRandomAsync(HttpRangeFetcher fetcher, Random random)
    {
        for (var position = random.Next(4 << 20) / K * K; position < Blob.Bytes.Length;)
        {
            List<Task> pieces = [];
            for (var count = random.Next(1, 4); count > 0 && position < Blob.Bytes.Length; count--)
            {
                var length = Math.Min(random.Next(1, 512 * K), Blob.Bytes.Length - position);
                pieces.Add(random.Next(8) == 0 ? LeaveAsync(fetcher, new ByteRange(position, length), random.Next(length)) : FetchAsync(fetcher, new ByteRange(position, length)));
                position += length;
            }
            await Task.WhenAll(pieces);
            if (random.Next(10) == 0)
                Time.Advance(s_kept);
        }
    }

    private async Task LeaveAsync(HttpRangeFetcher fetcher, ByteRange range, int after)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writer = new RecordingWriter(range)
        {
            OnFlush = position =>
            {
                if (position - range.Offset >= after)
                    left.Cancel();
                return default;
            },
        };
        try
        {
            await FetchAsync(fetcher, writer, left.Token);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            // Or it was complete before it heard of that.
        }
    }

    /// <summary>Fetches as much as it takes for the next fetch to ask for more than its range.</summary>
    private Task RunUpAsync(IRangeFetcher fetcher) => ReadOnAsync(fetcher, 0, 512 * K, 1024 * K, 1536 * K, Far);

    private async Task ReadOnAsync(IRangeFetcher fetcher, params int[] borders)
    {
        foreach ((int start, int end) in borders.Zip(borders.Skip(1)))
            await FetchAsync(fetcher, ByteRange.FromBounds(start, end));
    }

    /// <summary>Serves, and says when the client leaves an answer that reaches beyond what it wants.</summary>
    private async Task LeaveUnreadAsync(FaultRequest request, int get)
    {
        if (get != 5)
        {
            await Blob.ServeAsync(request);
            return;
        }
        // The rest stays unsent, as with a server that is slowed down.
        await Blob.PartialHeadAsync(request);
        await request.BodyAsync(Blob.Asked(request)[..(128 * K)]);
        await request.ClientLeavesAsync();
        _left.SetResult();
    }

    private static string[] Asked(FaultServer server)
        => [.. server.Requests.Where(request => request.Method == "GET").Select(request => request["Range"]!["bytes=".Length..])];
}
