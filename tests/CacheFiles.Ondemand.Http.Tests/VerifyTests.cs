namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>Bytes that do not match their digests are never written.</summary>
public sealed class VerifyTests : HttpTest
{
    private const int ChunkSize = 4096;

    [Theory(Timeout = Bound)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(ChunkSize)]
    [InlineData(ChunkSize + 1)]
    [InlineData(3 * ChunkSize + 7)]
    public async Task Right_bytes_pass_in_whatever_pieces_they_come(int pieceSize)
    {
        // Both ends of chunks, the end of the object, and what is chosen at random.
        Blob = Blob.Random(Random, 20 * ChunkSize + 1234);
        var inner = new MemoryFetcher(Blob.Bytes) { PieceSize = pieceSize };
        var fetcher = new VerifyingRangeFetcher(inner, await DigestsAsync());
        ByteRange[] ranges = [Blob.Whole, new(0, 1), new(ChunkSize - 1, 2), new(ChunkSize, ChunkSize), new(Blob.Bytes.Length - 1, 1), new(5, 0),
            .. Enumerable.Range(0, 20).Select(_ => Random.Next(Blob.Bytes.Length)).Select(start => new ByteRange(start, 1 + Random.Next(Blob.Bytes.Length - start)))];
        foreach (ByteRange range in ranges)
        {
            inner.Asked.Clear();
            // A chunk comes at once, and may be more than a piece of the writer.
            await FetchAsync(fetcher, new RecordingWriter(range, pieceSize: 3000) { FlushesEachPiece = false });
            if (range.Length == 0)
            {
                Assert.Empty(inner.Asked);
                continue;
            }
            // Whole chunks, in one go.
            ByteRange asked = Assert.Single(inner.Asked);
            Assert.Equal(range.Offset / ChunkSize * ChunkSize, asked.Offset);
            Assert.Equal(Math.Min((range.End + ChunkSize - 1) / ChunkSize * ChunkSize, Blob.Bytes.Length), asked.End);
        }
    }

    [Fact(Timeout = Bound)]
    public async Task A_wrong_chunk_is_fetched_once_more_from_another_source()
    {
        byte[] corrupt = Corrupt(at: 5 * ChunkSize + 17);
        var inner = new MemoryFetcher(corrupt, Blob.Bytes);
        var fetcher = new VerifyingRangeFetcher(inner.WithChoice(), await DigestsAsync());
        await FetchAsync(fetcher, new ByteRange(4 * ChunkSize + 5, 3 * ChunkSize));
        Assert.Equal([ByteRange.FromBounds(4 * ChunkSize, 8 * ChunkSize), ByteRange.FromBounds(5 * ChunkSize, 8 * ChunkSize)], inner.Asked);
    }

    [Fact(Timeout = Bound)]
    public async Task Wrong_bytes_that_nobody_asked_for_make_the_chunk_wrong_too()
    {
        var inner = new MemoryFetcher(Corrupt(at: ChunkSize - 1));
        var fetcher = new VerifyingRangeFetcher(inner, await DigestsAsync());
        await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, new ByteRange(0, 10)));
        await FetchAsync(fetcher, new ByteRange(ChunkSize, 10));
    }

    [Fact(Timeout = Bound)]
    public async Task A_chunk_that_is_wrong_twice_fails_the_fetch_and_is_not_written()
    {
        var inner = new MemoryFetcher(Corrupt(at: 2 * ChunkSize), Corrupt(at: 2 * ChunkSize + 1), Blob.Bytes);
        var fetcher = new VerifyingRangeFetcher(inner.WithChoice(), await DigestsAsync());
        var writer = new RecordingWriter(new ByteRange(100, 3 * ChunkSize));
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, writer));
        Assert.Equal(2 * ChunkSize, writer.Position);
        Assert.Equal(2, inner.Asked.Count);
        Assert.Contains($"[{2 * ChunkSize}, {3 * ChunkSize})", e.Message);
        Assert.Contains(Blob.Key.ToString(), e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task Several_wrong_chunks_have_a_second_try_each()
    {
        byte[] first = Corrupt(at: ChunkSize), second = Corrupt(at: 3 * ChunkSize);
        var inner = new MemoryFetcher(first, second, Blob.Bytes);
        var fetcher = new VerifyingRangeFetcher(inner.WithChoice(), await DigestsAsync());
        await FetchAsync(fetcher, new ByteRange(0, 5 * ChunkSize));
        Assert.Equal(3, inner.Asked.Count);
    }

    [Theory(Timeout = Bound)]
    [InlineData(1, "more bytes")]
    [InlineData(-1, "bytes came of")]
    public async Task Too_many_or_too_few_bytes_are_a_failure(int surplus, string said)
    {
        var fetcher = new VerifyingRangeFetcher(new MemoryFetcher(Blob.Bytes) { Surplus = surplus }, await DigestsAsync());
        RangeFetchException e = await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, new ByteRange(0, 2 * ChunkSize)));
        Assert.Contains(said, e.Message);
    }

    [Fact(Timeout = Bound)]
    public async Task An_object_without_digests_is_passed_on_as_it_is()
    {
        var inner = new MemoryFetcher(Blob.Bytes);
        var fetcher = new VerifyingRangeFetcher(inner, _ => null);
        Assert.Equal(Blob.Bytes.Length, await fetcher.GetLengthAsync(Blob.Key, Token));
        await FetchAsync(fetcher, new ByteRange(3, 5));
        Assert.Equal([new ByteRange(3, 5)], inner.Asked);
        fetcher.ObjectClosed(Blob.Key);
        Assert.Equal(1, inner.Closed);
    }

    [Fact(Timeout = Bound)]
    public async Task An_object_of_another_length_than_its_digests_is_not_opened()
    {
        var inner = new MemoryFetcher(Blob.Bytes[1..]);
        var fetcher = new VerifyingRangeFetcher(inner, await DigestsAsync());
        await Assert.ThrowsAsync<RangeFetchException>(async () => await fetcher.GetLengthAsync(Blob.Key, Token));
        Assert.Equal(1, inner.Closed);
        await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, new ByteRange(Blob.Bytes.Length, 1)));
    }

    [Fact(Timeout = Bound)]
    public async Task What_the_writer_throws_comes_through_and_is_not_tried_again()
    {
        var inner = new MemoryFetcher(Blob.Bytes);
        var fetcher = new VerifyingRangeFetcher(inner, await DigestsAsync());
        var writer = new RecordingWriter(Blob.Whole) { OnFlush = _ => throw new IOException("disk full") };
        await Assert.ThrowsAsync<IOException>(() => FetchAsync(fetcher, writer));
        Assert.Single(inner.Asked);
    }

    [Fact(Timeout = Bound)]
    public async Task A_mirror_with_wrong_bytes_is_left_for_another_and_comes_behind_it_for_a_while()
    {
        FaultServer wrong = Serve(new Blob(Corrupt(at: 10_000)).ServeAsync);
        FaultServer right = Serve(Blob.ServeAsync);
        var fetcher = new VerifyingRangeFetcher(Fetcher(Options, wrong, right), await DigestsAsync());
        await FetchAsync(fetcher, new ByteRange(9_000, 100_000));
        Assert.Single(right.Requests);
        var asked = wrong.Requests.Count;

        await FetchAsync(fetcher, new ByteRange(9_000, 10));
        Assert.Equal(asked, wrong.Requests.Count);

        Time.Advance(TimeSpan.FromMinutes(1));
        await FetchAsync(fetcher, new ByteRange(9_000, 10));
        Assert.Equal(asked + 1, wrong.Requests.Count);
    }

    [Fact(Timeout = Bound)]
    public async Task A_lone_server_with_wrong_bytes_is_asked_twice()
    {
        FaultServer server = Serve(new Blob(Corrupt(at: 10_000)).ServeAsync);
        var fetcher = new VerifyingRangeFetcher(Fetcher(Options, server), await DigestsAsync());
        await Assert.ThrowsAsync<RangeFetchException>(() => FetchAsync(fetcher, new ByteRange(9_000, 10)));
        Assert.Equal(2, server.Requests.Count(request => request.Method == "GET"));
    }

    private async Task<Func<ObjectKey, ChunkDigests?>> DigestsAsync()
    {
        ChunkDigests digests = await ChunkDigests.ComputeAsync(new MemoryStream(Blob.Bytes), ChunkSize, Token);
        return key => key.Equals(Blob.Key) ? digests : null;
    }

    private byte[] Corrupt(int at)
    {
        byte[] bytes = [.. Blob.Bytes];
        bytes[at] ^= (byte)(1 << Random.Next(8));
        return bytes;
    }
}
