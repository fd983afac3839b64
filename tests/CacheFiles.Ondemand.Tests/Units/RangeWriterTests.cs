using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

/// <summary>Every way to deliver bytes gives the same bytes.</summary>
public sealed class RangeWriterTests
{
    private const int Length = 1_000_003;

    public static TheoryData<string> Ways { get; } = ["write", "stream", "stream async", "copy", "bytes", "hints", "no flush", "memory"];

    [Theory(Timeout = Bounded.Test)]
    [MemberData(nameof(Ways))]
    public async Task The_way_of_delivery_does_not_matter(string way)
    {
        Random random = Seed.Random();
        var kernel = new SimulatedKernel();
        var fetcher = new Fetcher(Length, (range, writer, ct) => Deliver(way, range, writer, random, ct));
        await using Daemon daemon = Daemon.Start(kernel, fetcher);
        SimulatedMount mount = await kernel.Mount();
        await mount.Verify(700_000, Length - 700_000);
        await mount.Verify(0, 400_001);
        Assert.Empty(daemon.Faults);
    }

    [Fact]
    public void The_stream_only_takes_bytes()
    {
        using Stream stream = new MemoryWriter(new(0, 10)).AsStream();
        Assert.Equal((false, false, true), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.Throws<NotSupportedException>(() => stream.ReadByte());
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.Position = 1);
        stream.Flush();
        stream.Write([1, 2, 3], 1, 2);
        stream.WriteByte(4);
    }

    [Fact]
    public async Task What_is_written_is_flushed()
    {
        var writer = new MemoryWriter(new(100, 5000));
        await writer.WriteAsync(new byte[2000], Bounded.Token);
        Assert.Equal((2100, 3000), (writer.Position, writer.Remaining));
        Assert.True(writer.Flushes > 0);
    }

    private static async ValueTask Deliver(string way, ByteRange range, RangeWriter writer, Random random, CancellationToken ct)
    {
        byte[] bytes = Content.Of("image", range.Offset, (int)range.Length);
        switch (way)
        {
            case "write":
                await writer.WriteAsync(bytes, ct);
                break;
            case "stream":
                writer.AsStream().Write(bytes);
                break;
            case "stream async":
                await writer.AsStream().WriteAsync(bytes, ct);
                await writer.AsStream().FlushAsync(ct);
                break;
            case "copy":
                await new MemoryStream(bytes).CopyToAsync(writer.AsStream(), ct);
                break;
            default:
                await DeliverPieces(way, bytes, writer, random, ct);
                break;
        }
    }

    private static async Task DeliverPieces(string way, byte[] bytes, RangeWriter writer, Random random, CancellationToken ct)
    {
        for (var done = 0; done < bytes.Length;)
        {
            int hint, count;
            lock (random)
            {
                hint = way == "hints" ? random.Next(0, 65_537) : 0;
                count = way == "bytes" ? 1 : random.Next(1, 30_000);
            }
            Memory<byte> memory = way == "memory" ? writer.GetMemory() : writer.GetMemory(hint);
            Assert.True(memory.Length >= Math.Max(1, hint));
            count = Math.Min(count, Math.Min(memory.Length, bytes.Length - done));
            bytes.AsMemory(done, count).CopyTo(memory);
            writer.Advance(count);
            done += count;
            if (way != "no flush")
                await writer.FlushAsync(ct);
        }
    }
}
