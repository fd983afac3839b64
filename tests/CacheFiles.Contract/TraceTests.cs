using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>What one start has touched is fetched at the next one before it is asked for.</summary>
public sealed class TraceTests
{
    private const int Length = 4 << 20;
    private const int Touched = 64;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task What_readers_touch_is_written_down_in_its_order(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var recorder = new AccessTraceRecorder();
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image), o => o with { Recorder = recorder });
        ContractMount mount = await kernel.MountAsync(image);
        long[] places = [3 << 20, 1 << 20, 2 << 20];
        foreach (var place in places)
            await mount.VerifyAsync((int)place, 4096);
        AccessTrace trace = recorder.ToTrace();
        Assert.Equal(places, trace.Entries.Select(e => e.Range.Offset).Where(places.Contains));
        Assert.All(trace.Entries, e => Assert.Equal(ContractKernel.KeyOf(image.Blobs[0]), e.Key));
        Assert.Equal(trace.Entries.Select(e => e.At).Order(), trace.Entries.Select(e => e.At));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task All_that_a_trace_names_is_fetched_as_soon_as_its_object_is_opened(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        var key = ContractKernel.KeyOf(image.Blobs[0]);
        var trace = new AccessTrace(Enumerable.Range(0, Touched).Select(i => new AccessTraceEntry(TimeSpan.Zero, key, new ByteRange(i * (long)(Length / Touched), 8192))));
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source, o => o with { Replay = trace });
        ContractMount mount = await kernel.MountAsync(image);
        await Bounded.Until(() => source.Fetches.Sum(f => f.Range.Length) >= Touched * 8192, "all of the trace is fetched");
        for (var i = 0; i < Touched; i++)
            await mount.VerifyAsync(i * (Length / Touched), 8192);
        Assert.Equal(Touched * 8192, source.Fetches.Sum(f => f.Range.Length));
        Assert.Empty(daemon.Faults);
    }
}
