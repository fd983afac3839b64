using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Streaming;

/// <summary>A trace is replayed at OPEN, before the kernel is ready for what it brings.</summary>
public sealed class ReplayTests
{
    private const int Length = 4 << 20;

    [Fact(Timeout = Bounded.Test)]
    public async Task Where_the_kernel_has_not_yet_made_the_objects_file_a_replay_waits_for_it()
    {
        var kernel = new SimulatedKernel { Between = d => new LateFileDevice(d) };
        var key = new ObjectKey("erofs,image", "image");
        var trace = new AccessTrace([.. Enumerable.Range(1, 7).Select(i => new AccessTraceEntry(TimeSpan.Zero, key, new ByteRange(i * (Length / 8), 4096)))]);
        var source = new MemorySource("image", Length);
        await using Daemon daemon = Daemon.Start(kernel, source, Daemon.Options with { Replay = trace });
        SimulatedMount mount = await kernel.Mount();
        await Bounded.Until(() => trace.Entries.All(e => source.Fetches.Any(f => f.Range == e.Range)), "all of the trace is fetched");
        foreach (AccessTraceEntry entry in trace.Entries)
            await mount.Verify((int)entry.Range.Offset, (int)entry.Range.Length);
        Assert.Equal(trace.Entries.Count, source.Fetches.Count(f => f.Range.Offset > 0));
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_a_replay_brings_while_a_READ_waits_is_not_fetched_for_it_again()
    {
        const int pieces = 64;
        var reading = new Gate();
        var kernel = new SimulatedKernel { Between = d => new HeldDevice(d, CacheFilesUapi.CACHEFILES_OP_READ, reading) };
        var key = new ObjectKey("erofs,image", "image");
        var trace = new AccessTrace([.. Enumerable.Range(0, pieces).Select(i => new AccessTraceEntry(TimeSpan.Zero, key, new ByteRange(i * (Length / pieces), 8192)))]);
        var source = new MemorySource("image", Length);
        await using Daemon daemon = Daemon.Start(kernel, source, Daemon.Options with { Replay = trace });
        Task<SimulatedMount> mounting = kernel.Mount();
        await reading.Reached;
        await Bounded.Until(() => trace.Entries.All(e => kernel.Objects.Find(key).File?.HasPage(e.Range.Offset) == true), "all of the trace is cached");
        reading.Open();
        await Bounded.Of(mounting);
        Assert.Equal(pieces, source.Fetches.Count);
        Assert.Empty(daemon.Faults);
    }
}
