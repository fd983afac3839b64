using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;
using static CacheFiles.Ondemand.Tests.Culling.Cull;

namespace CacheFiles.Ondemand.Tests.Culling;

/// <summary>A disk that is full: readers wait for room, not longer than their deadline, and everything goes on by itself when there is some.</summary>
public sealed class FullDiskTests
{
    private static readonly CullLimits s_none = new() { StopBlocksPercent = 0 };
    private readonly SimulatedKernel _kernel = new(new() { CapacityBytes = 4 * MiB });

    [Theory(Timeout = Bounded.Test)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_reader_gets_its_bytes_as_soon_as_something_can_be_culled(int stopPercent)
    {
        var options = Daemon.Options with { Limits = new() { StopBlocksPercent = stopPercent } };
        await using Daemon daemon = Daemon.Start(_kernel, Images("a").Add("b", 3 * MiB).Add("c", 4 * MiB), options);
        SimulatedMount a = await _kernel.Mount("a");
        SimulatedMount b = await _kernel.Mount("b");
        SimulatedMount c = await _kernel.Mount("c");
        await a.Verify(0, MiB / 2);
        await b.Verify(0, 3 * MiB);
        Task reader = c.Verify(MiB, MiB);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal(FaultSource.Space, fault.Source);
        Assert.False(reader.IsCompleted);
        await b.UnmountAsync(Bounded.Token);
        await reader;
        await a.Verify(0, MiB);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Where_nothing_can_be_culled_a_reader_gets_EIO_at_its_deadline_and_one_fault_says_why()
    {
        var options = Daemon.Options with { Limits = s_none, RequestDeadline = TimeSpan.FromMilliseconds(300) };
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 8 * MiB), options);
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(0, (4 * MiB) - 65_536);
        await mount.FailsToRead(6 * MiB, 131_072);
        Assert.Equal(FaultSource.Space, (await daemon.NextFaultAsync()).Source);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal(FaultSource.Deadline, fault.Source);
        Assert.Contains("no room", fault.Message, StringComparison.Ordinal);
        await mount.Verify(0, MiB);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(3 * MiB)]
    [InlineData(7 * MiB / 2)]
    public async Task A_prefetch_waits_for_room_and_then_fetches_everything(int occupied)
    {
        await using Daemon daemon = Daemon.Start(_kernel, Images().Add("a", occupied).Add("b", 3 * MiB), Daemon.Options with { Limits = s_none });
        SimulatedMount a = await _kernel.Mount("a");
        await a.Verify(0, occupied);
        SimulatedMount b = await _kernel.Mount("b");
        Task<PrefetchProgress> prefetch = daemon.Cache.PrefetchAsync(Key("b"), cancellationToken: Bounded.Token);
        Assert.Equal(FaultSource.Space, (await daemon.NextFaultAsync()).Source);
        Assert.False(prefetch.IsCompleted);
        await a.UnmountAsync(Bounded.Token);
        PrefetchProgress done = await Bounded.Of(prefetch);
        Assert.Equal((3L * MiB, 0L), (done.BytesDone, done.BytesFailed));
        Assert.Equal([new ByteRange(0, 3 * MiB)], b.GetCachedRanges("b"));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_prefetch_that_waits_for_room_ends_when_its_object_is_closed()
    {
        await using Daemon daemon = Daemon.Start(_kernel, Images().Add("a", 4 * MiB).Add("b", 3 * MiB), Daemon.Options with { Limits = s_none });
        SimulatedMount a = await _kernel.Mount("a");
        SimulatedMount b = await _kernel.Mount("b");
        await a.Verify(0, (4 * MiB) - 65_536);
        Task<PrefetchProgress> prefetch = daemon.Cache.PrefetchAsync(Key("b"), cancellationToken: Bounded.Token);
        Assert.Equal(FaultSource.Space, (await daemon.NextFaultAsync()).Source);
        await b.UnmountAsync(Bounded.Token);
        Assert.InRange((await Bounded.Of(prefetch)).BytesDone, 0, (3 * MiB) - 1);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Nothing_is_read_ahead_while_there_is_no_room()
    {
        const int Length = (4 * MiB) - (192 << 10);
        var source = Images().Add("a", Length).Add("b", 4 * MiB);
        await using Daemon daemon = Daemon.Start(_kernel, source, new() { CacheDirectory = "/cache", Limits = s_none });
        SimulatedMount a = await _kernel.Mount("a");
        SimulatedMount b = await _kernel.Mount("b");
        await a.Verify(0, Length);
        await Bounded.Until(() => _kernel.IsCullWanted, "the kernel wants room");
        Assert.Equal(FaultSource.Space, (await daemon.NextFaultAsync()).Source);
        source.Fetches.Clear();
        SimulatedReader reader = b.OpenReader("b");
        var bytes = new byte[4096];
        for (var i = 0; i < 10; i++)
            await reader.ReadAsync(bytes, Bounded.Token);
        Assert.All(source.Fetches, f => Assert.InRange(f.Range.Length, 1, 131_072));
    }
}
