using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Stress;

/// <summary>In steady state a READ costs no garbage.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private const int Reads = 20_000;
    private const int Pages = 256;
    private const int Rounds = 40;

    // What is left is a thread for each reader.
    private const double MostBytes = 1;

    [Theory(Timeout = Bounded.Test)]
    [InlineData(1, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 8 << 20)]
    public async Task Serving_a_READ_from_a_synchronous_source_allocates_nothing(int readers, int readAhead)
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new ZeroSource(Pages * 4096), Daemon.Options with { MaxReadAheadBytes = readAhead });
        BlockingReader[] reading = [.. await Task.WhenAll(Enumerable.Range(0, readers).Select(i => MountAsync(kernel, i)))];
        // The code is compiled anew while it runs, and pools grow to what was ever in use at once, which chance decides: both come to an end.
        var perRead = double.MaxValue;
        for (var round = 0; round < Rounds && perRead >= MostBytes; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            ReadAll(reading, Reads);
            perRead = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(Reads * readers);
            TestContext.Current.TestOutputHelper?.WriteLine($"{perRead:F2} bytes allocated per READ");
        }
        Assert.True(kernel.Sent.Reads > Reads * readers);
        Assert.True(perRead < MostBytes, $"{perRead} bytes");
        Assert.Empty(daemon.Faults);
        Array.ForEach(reading, r => r.Dispose());
    }

    private static async Task<BlockingReader> MountAsync(SimulatedKernel kernel, int number)
    {
        await kernel.Mount($"image{number}");
        return new BlockingReader(kernel, new ObjectKey($"erofs,image{number}", $"image{number}"));
    }

    private static void ReadAll(BlockingReader[] readers, int count)
    {
        Thread[] threads = [.. readers.Select(r => new Thread(() => Read(r, count)))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
    }

    private static void Read(BlockingReader reader, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (i % Pages == 0)
                reader.PunchHoles();
            if (reader.Ask(new ByteRange(i * 37L % Pages * 4096, 4096)) != Errno.None)
                Assert.Fail("a READ was not served");
        }
    }

    private sealed class ZeroSource(long length) : IRangeFetcher
    {
        public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken) => new(length);

        public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        {
            while (writer.Remaining > 0)
            {
                Span<byte> span = writer.GetSpan();
                span.Clear();
                writer.Advance(span.Length);
                ValueTask flush = writer.FlushAsync(cancellationToken);
                if (!flush.IsCompletedSuccessfully)
                    throw new InvalidOperationException("The writer waits for nothing.");
            }
            return default;
        }
    }
}
