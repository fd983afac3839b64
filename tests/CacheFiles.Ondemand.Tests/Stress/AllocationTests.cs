using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Stress;

/// <summary>In steady state a READ costs no garbage.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private const int Pages = 512;
    private const int Rounds = 11;
    private const int Reads = Pages;

    private int _unserved;

    [Theory(Timeout = Bounded.Test)]
    [InlineData(1, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 8 << 20)]
    public async Task Serving_a_READ_from_a_synchronous_source_allocates_nothing(int readers, int readAhead)
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new ZeroSource(Pages * 4096), Daemon.Options with { MaxReadAheadBytes = readAhead });
        BlockingReader[] reading = [.. await Task.WhenAll(Enumerable.Range(0, readers).Select(i => MountAsync(kernel, i)))];
        using var turn = new Barrier(readers + 1);
        Array.ForEach(reading, r => new Thread(() => Read(r, turn, Reads / readers)) { IsBackground = true }.Start());
        Allocated(turn);
        double[] perRead = [.. Enumerable.Range(0, Rounds).Select(_ => Allocated(turn)).Order()];
        TestContext.Current.TestOutputHelper?.WriteLine($"bytes allocated per READ: {string.Join(' ', perRead.Select(b => $"{b:F1}"))}");
        // And each mount's of the superblock.
        Assert.Equal(((Rounds + 1) * Reads) + readers, kernel.Sent.Reads);
        Assert.Equal(0, _unserved);
        Assert.Empty(daemon.Faults);
        // What is made once and not for a READ, a buffer where more are in use at once than ever before, is in few of the rounds.
        Assert.True(perRead[Rounds / 2] < 1, $"{perRead[Rounds / 2]} bytes");
    }

    private static double Allocated(Barrier turn)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        turn.SignalAndWait();
        turn.SignalAndWait();
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Reads;
    }

    private void Read(BlockingReader reader, Barrier turn, int count)
    {
        using (reader)
        {
            for (var round = 0; round <= Rounds; round++)
            {
                turn.SignalAndWait();
                reader.PunchHoles();
                for (var i = 0; i < count; i++)
                    _unserved += reader.Ask(new ByteRange(i * 37L % Pages * 4096, 4096)) == Errno.None ? 0 : 1;
                turn.SignalAndWait();
            }
        }
    }

    private static async Task<BlockingReader> MountAsync(SimulatedKernel kernel, int number)
    {
        await kernel.Mount($"image{number}");
        return new BlockingReader(kernel, new ObjectKey($"erofs,image{number}", $"image{number}"));
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
