using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>A real server.</summary>
public sealed class NginxTests(Nginx nginx) : HttpTest, IClassFixture<Nginx>
{
    private static readonly ByteRange s_range = new(1000, 200_000);

    /// <summary>The defaults, and the real clock.</summary>
    private static readonly HttpRangeFetcherOptions s_defaults = new();

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_ranges_at_once_are_right(bool http2)
    {
        Blob = Blob.Random(Random, 8 << 20);
        ObjectKey key = Store("parallel");
        using HttpClient client = Http(http2);
        var fetcher = new HttpRangeFetcher(client, nginx.Place("files", http2));
        Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(key, Token));
        ByteRange[] ranges = [Blob.Whole, new(0, 1), new(Blob.Bytes.Length - 1, 1), .. Enumerable.Range(0, 200).Select(_ =>
        {
            var start = Random.Next(Blob.Bytes.Length);
            return new ByteRange(start, 1 + Random.Next(Math.Min(Blob.Bytes.Length - start, 1 << Random.Next(1, 21))));
        })];
        await Parallel.ForEachAsync(ranges, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token }, async (range, _) => await FetchAsync(fetcher, key, range));
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_file_name_is_found(bool http2)
    {
        using HttpClient client = Http(http2);
        var fetcher = new HttpRangeFetcher(client, nginx.Place("files", http2));
        const string Odd = " %?#&+=;:@!$'\"<>[]{}|\\^`~.,-_()*ä€漢😀";
        Rune[] odd = [.. Odd.EnumerateRunes()];
        foreach (var name in (string[])["...", "%2e%2e", "a%2Fb", "a b", "ü", Odd, .. Enumerable.Range(0, 50).Select(_ => string.Concat(Enumerable.Range(0, 1 + Random.Next(20)).Select(_ => odd[Random.Next(odd.Length)])))])
        {
            if (name is "." or "..")
                continue;
            Blob = Blob.Random(Random, 1 + Random.Next(5000));
            ObjectKey key = Store(name);
            Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(key, Token));
            await FetchAsync(fetcher, key, Blob.Whole);
            fetcher.ObjectClosed(key);
        }
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_there_is_no_object_and_what_is_empty_is_one(bool http2)
    {
        using HttpClient client = Http(http2);
        foreach (var place in new[] { "files", "gets" })
        {
            var fetcher = new HttpRangeFetcher(client, nginx.Place(place, http2));
            Assert.Null(await fetcher.GetLengthAsync(new ObjectKey("erofs,test", "nothing"), Token));
            Blob = new Blob([]);
            Assert.Equal(0, await fetcher.GetLengthAsync(Store("empty"), Token));
        }
    }

    [Theory(Timeout = Bound)]
    [InlineData("files")]
    [InlineData("dated")]
    [InlineData("nameless")]
    [InlineData("gets")]
    [InlineData("moved")]
    public async Task Each_kind_of_place_is_read(string place)
    {
        ObjectKey key = Store($"kind-{place}");
        var fetcher = new HttpRangeFetcher(Client, nginx.Place(place));
        Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(key, Token));
        await FetchAsync(fetcher, key, s_range);
        await FetchAsync(fetcher, key, Blob.Whole);
    }

    [Theory(Timeout = Bound)]
    [InlineData("files", true, false)]
    [InlineData("files", true, true)]
    [InlineData("files", false, false)]
    [InlineData("files", false, true)]
    [InlineData("dated", true, false)]
    [InlineData("dated", true, true)]
    [InlineData("nameless", false, false)]
    public async Task A_file_that_is_replaced_while_its_object_is_open_is_a_fault(string place, bool sameLength, bool http2)
    {
        ObjectKey key = Store($"replaced-{place}-{sameLength}-{http2}");
        using HttpClient client = Http(http2);
        var fetcher = new HttpRangeFetcher(client, nginx.Place(place, http2));
        await fetcher.GetLengthAsync(key, Token);
        await FetchAsync(fetcher, key, s_range);

        Blob before = Blob;
        Blob = Blob.Random(Random, before.Bytes.Length + (sameLength ? 0 : 1));
        Store(key.CookieText, age: 60);
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, key, s_range));
        Assert.Contains("changed at the origin", e.Message);

        fetcher.ObjectClosed(key);
        Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(key, Token));
        await FetchAsync(fetcher, key, s_range);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_replaced_in_the_middle_of_a_transfer_is_delivered_as_it_was(bool http2)
    {
        // More than the buffers of a connection hold, so that the server is still at it.
        Blob = Blob.Random(Random, 32 << 20);
        ObjectKey key = Store($"midway-{http2}");
        Blob before = Blob;
        using HttpClient client = Http(http2);
        var fetcher = new HttpRangeFetcher(client, nginx.Place("files", http2));
        await fetcher.GetLengthAsync(key, Token);
        var isReplaced = false;
        var writer = new RecordingWriter(Blob.Whole, pieceSize: 1 << 20)
        {
            OnFlush = _ =>
            {
                if (!isReplaced)
                {
                    Blob = Blob.Random(Random, 32 << 20);
                    Store(key.CookieText, age: 60);
                    Blob = before;
                    isReplaced = true;
                }
                return default;
            },
        };
        await fetcher.FetchAsync(key, writer.Range, writer, Token);
        Assert.True(writer.Written.SequenceEqual(before.Bytes));
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, key, s_range));
        Assert.Contains("changed at the origin", e.Message);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transfer_outlives_its_server(bool http2)
    {
        Blob = Blob.Random(Random, 32 << 20);
        ObjectKey key = Store($"outlived-{http2}");
        using HttpClient client = Http(http2);
        var fetcher = new HttpRangeFetcher(client, nginx.Place("files", http2));
        await fetcher.GetLengthAsync(key, Token);
        var restarts = 0;
        var writer = new RecordingWriter(Blob.Whole, pieceSize: 1 << 20)
        {
            OnFlush = async position =>
            {
                if (position > restarts * (12 << 20))
                {
                    restarts++;
                    await nginx.RestartAsync();
                }
            },
        };
        await fetcher.FetchAsync(key, writer.Range, writer, Token);
        Assert.Equal(3, restarts);
        Assert.True(writer.Written.SequenceEqual(Blob.Bytes));
    }

    [Theory(Timeout = Bound)]
    [InlineData("whole", "200 instead of 206")]
    [InlineData("busy", "answered 503")]
    [InlineData("private", "credentials")]
    public async Task Each_kind_of_refusal_is_told(string place, string said)
    {
        ObjectKey key = Store($"refused-{place}");
        var fetcher = new HttpRangeFetcher(Client, nginx.Place(place), s_defaults with { RetryDelay = TimeSpan.Zero });
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, key, s_range));
        Say(e.Message);
        Assert.Contains(said, e.Message);
        Assert.Contains($"{nginx.Place(place)}{key.CookieText}", e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task Credentials_are_the_clients()
    {
        ObjectKey key = Store("private");
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("reader:password"u8));
        await FetchAsync(new HttpRangeFetcher(Client, nginx.Place("private")), key, s_range);
    }

    [Fact(Timeout = Bound)]
    public async Task A_client_that_decompresses_is_told_apart()
    {
        ObjectKey key = Store("compressible");
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip });
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(new HttpRangeFetcher(client, nginx.Place("files")), key, s_range));
        Assert.Contains("AutomaticDecompression", e.Message);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mirror_with_one_wrong_bit_gives_way_to_the_right_one(bool http2)
    {
        ObjectKey key = Store("mirrored");
        ChunkDigests digests = await ChunkDigests.ComputeAsync(new MemoryStream(Blob.Bytes), 65536, Token);
        byte[] wrong = [.. Blob.Bytes];
        wrong[Random.Next(wrong.Length)] ^= 4;
        Directory.CreateDirectory(Path.Combine(nginx.Root, "wrong"));
        await File.WriteAllBytesAsync(Path.Combine(nginx.Root, "wrong", key.CookieText), wrong, Token);
        using HttpClient client = Http(http2);
        var fetcher = new VerifyingRangeFetcher(new HttpRangeFetcher(client, [nginx.Place("files/wrong", http2), nginx.Place("files", http2)]), _ => digests);
        Assert.Equal(wrong.Length, await fetcher.GetLengthAsync(key, Token));
        await FetchAsync(fetcher, key, Blob.Whole);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_is_read_on_in_one_response_of_HTTP_1(bool http2)
    {
        Blob = Blob.Random(Random, 8 << 20);
        ObjectKey key = Store("run");
        using HttpClient plain = Http(http2);
        using var counting = new CountingHandler { InnerHandler = new SocketsHttpHandler() };
        using var client = new HttpClient(counting) { DefaultRequestVersion = plain.DefaultRequestVersion, DefaultVersionPolicy = plain.DefaultVersionPolicy };
        var fetcher = new HttpRangeFetcher(client, nginx.Place("files", http2), s_defaults with { HedgePercent = 0 });
        Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(key, Token));
        for (var start = 0; start < Blob.Bytes.Length; start += 256 << 10)
            await FetchAsync(fetcher, key, new ByteRange(start, 256 << 10));
        // The length, and each of 32 ranges; or the eight of the first 2 MiB, and the rest.
        Assert.Equal(http2 ? 1 + 32 : 1 + 8 + 1, counting.Count);
    }

    /// <summary>Puts the blob among the files, by renaming it there: what is being sent stays as it was.</summary>
    private ObjectKey Store(string name, int age = 3600)
    {
        var path = Path.Combine(nginx.Root, name);
        var fresh = Path.Combine(Path.GetDirectoryName(nginx.Root)!, Guid.NewGuid().ToString());
        File.WriteAllBytes(fresh, Blob.Bytes);
        // nginx knows a version by its length and its second.
        File.SetLastWriteTimeUtc(fresh, DateTime.UtcNow.AddSeconds(-age));
        File.Move(fresh, path, overwrite: true);
        return new ObjectKey("erofs,test", name);
    }

    private async Task FetchAsync(IRangeFetcher fetcher, ObjectKey key, ByteRange range)
    {
        var writer = new RecordingWriter(range) { FlushesEachPiece = fetcher is not VerifyingRangeFetcher };
        await fetcher.FetchAsync(key, range, writer, Token);
        Assert.Equal(0, writer.Remaining);
        Assert.True(Blob.Bytes.AsSpan((int)range.Offset, (int)range.Length).SequenceEqual(writer.Written), $"{range} of {key} is not right.");
    }

    private static HttpClient Http(bool http2) => http2
        ? new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact }
        : new HttpClient();

    private sealed class CountingHandler : DelegatingHandler
    {
        private int _count;

        public int Count => _count;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
