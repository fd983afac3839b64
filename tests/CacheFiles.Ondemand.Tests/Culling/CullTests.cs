using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;
using static CacheFiles.Ondemand.Tests.Culling.Cull;

namespace CacheFiles.Ondemand.Tests.Culling;

/// <summary>What goes, and what stays, when room is wanted.</summary>
public sealed class CullTests
{
    private readonly SimulatedKernel _kernel = new(new() { CapacityBytes = 10 * MiB });

    [Fact(Timeout = Bounded.Test)]
    public async Task What_was_not_used_for_the_longest_time_goes_first()
    {
        await using Daemon daemon = Daemon.Start(_kernel, Images("a", "b", "c"));
        foreach (var image in (string[])["b", "a", "c", "b"])
            await _kernel.Use(image);
        CullReport report = await Bounded.Of(daemon.Cache.CullAsync(MiB + 1));
        Assert.Equal(
            [("Da", CullOutcome.Culled), ("Dc", CullOutcome.Culled), ("Db", CullOutcome.Kept)],
            report.Entries.Select(e => (e.Path.Split('/')[^1], e.Outcome)));
        Assert.Equal((3 * MiB, MiB + 1, 2 * MiB), (report.CachedBytes, report.WantedBytes, report.FreedBytes));
        Assert.Equal("b", await daemon.Cached());
        await _kernel.Use("a");
        Assert.Equal("b a", await daemon.Cached());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_dry_run_says_what_would_go_and_removes_nothing()
    {
        await using Daemon daemon = Daemon.Start(_kernel, Images("a", "b"));
        await _kernel.Use("a");
        await _kernel.Use("b");
        CullReport report = await Bounded.Of(daemon.Cache.CullAsync(1, dryRun: true));
        Assert.Equal([CullOutcome.Culled, CullOutcome.Kept], report.Entries.Select(e => e.Outcome));
        Assert.Equal(0, report.FreedBytes);
        Assert.Equal("a b", await daemon.Cached());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_is_open_or_pinned_stays()
    {
        var pinned = new List<ObjectKey> { Key("a") };
        await using Daemon daemon = Daemon.Start(_kernel, Images("a", "b", "c"), Daemon.Options with { Culling = new() { Pinned = pinned } });
        foreach (var image in (string[])["a", "b", "c"])
            await _kernel.Use(image);
        SimulatedMount open = await _kernel.Mount("b");
        CullReport report = await Bounded.Of(daemon.Cache.CullAsync(10 * MiB));
        Assert.Equal(
            [("Da", CullOutcome.Pinned), ("Db", CullOutcome.InUse), ("Dc", CullOutcome.Culled)],
            report.Entries.Select(e => (e.Path.Split('/')[^1], e.Outcome)).Order());
        await open.Verify(0, MiB);
        pinned.Clear();
        report = await Bounded.Of(daemon.Cache.CullAsync(10 * MiB));
        Assert.Equal(MiB, report.FreedBytes);
        Assert.Equal("b", await daemon.Cached());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task When_the_kernel_wants_room_there_soon_is_what_it_calls_enough()
    {
        await using Daemon daemon = Daemon.Start(_kernel, Images("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"));
        foreach (var image in "abcdefghi")
            await _kernel.Use(image.ToString());
        Assert.False(_kernel.IsCullWanted);
        await _kernel.Use("j", MiB * 3 / 4);
        await Bounded.Until(() => !_kernel.IsCullWanted, "the kernel has enough");
        Assert.DoesNotContain("a", await daemon.Cached(), StringComparison.Ordinal);
        Assert.Contains("c", await daemon.Cached(), StringComparison.Ordinal);
        Assert.Empty(daemon.Faults);
    }
}
