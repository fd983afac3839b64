using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;
using static CacheFiles.Ondemand.Tests.Culling.Cull;

namespace CacheFiles.Ondemand.Tests.Culling;

/// <summary>A cache with a budget stays within it.</summary>
public sealed class BudgetTests
{
    private const int Budget = 16 * MiB;
    private readonly SimulatedKernel _kernel = new();
    private readonly OndemandOptions _options = new() { CacheDirectory = "/cache", Culling = new() { BudgetBytes = Budget } };

    private long MostUsed => _kernel.FindDirectory("/cache").MostUsedBytes;

    [Theory(Timeout = Bounded.Test)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_reads_of_more_than_it_never_exceed_it(int seed)
    {
        var random = new Random(seed);
        var source = new MemorySource();
        for (var i = 0; i < 12; i++)
            source.Add($"image{i}", 4 * MiB);
        await using Daemon daemon = Daemon.Start(_kernel, source, _options);
        for (var round = 0; round < 40; round++)
        {
            SimulatedMount[] mounts = [.. await Task.WhenAll(Enumerable.Range(0, 12).OrderBy(_ => random.Next()).Take(3).Select(i => _kernel.Mount($"image{i}")))];
            await Task.WhenAll(mounts.Select(m => (m, random.Next(3 * MiB), random.Next(1, MiB))).ToArray().Select(r => r.m.Verify(r.Item2, r.Item3)));
            foreach (SimulatedMount mount in mounts)
                await mount.UnmountAsync(Bounded.Token);
        }
        Assert.InRange(MostUsed, 8 * MiB, Budget);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Where_open_objects_alone_exceed_it_readers_are_served_and_one_fault_tells()
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 32 * MiB), _options);
        SimulatedMount mount = await _kernel.Mount();
        for (var i = 0; i < 24; i++)
            await mount.Verify(i * MiB, MiB);
        Assert.Equal(FaultSource.Space, (await daemon.NextFaultAsync()).Source);
        Assert.Empty(daemon.Faults);
        // Nothing that nobody waits for is fetched beyond it.
        Assert.InRange(MostUsed, Budget, 24 * MiB + 131_072);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_prefetch_does_not_exceed_it_but_makes_room()
    {
        await using Daemon daemon = Daemon.Start(_kernel, Images().Add("a", 12 * MiB).Add("b", 12 * MiB), _options);
        await _kernel.Use("a", 12 * MiB);
        await _kernel.Mount("b");
        PrefetchProgress progress = await Bounded.Of(daemon.Cache.PrefetchAsync(Key("b"), cancellationToken: Bounded.Token));
        Assert.Equal((12L * MiB, 0L), (progress.BytesDone, progress.BytesFailed));
        Assert.Equal("", await daemon.Cached());
        Assert.InRange(MostUsed, 12 * MiB, Budget);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_a_predecessor_left_counts()
    {
        await using (Daemon.Start(_kernel, Images().Add("a", 12 * MiB), Daemon.Options))
            await _kernel.Use("a", 12 * MiB);
        await using Daemon daemon = Daemon.Start(_kernel, Images().Add("b", 12 * MiB), _options);
        await _kernel.Use("b", 12 * MiB);
        Assert.InRange(MostUsed, 12 * MiB, Budget);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_the_kernel_names_between_a_listing_and_the_daemons_look_at_its_objects_counts()
    {
        var closing = new Gate();
        var listing = new Gate();
        HeldDevice? device = null;
        var kernel = new SimulatedKernel { Between = d => device = new HeldDevice(d, CacheFilesUapi.CACHEFILES_OP_CLOSE, closing) };
        var source = new MemorySource("image", 12 * MiB);
        // So large that no pass is made but the first, which another listing waits for: what is held up is the one that is asked for.
        await using Daemon daemon = Daemon.Start(kernel, source, _options with { Culling = new() { BudgetBytes = 4 * Budget } });
        await Bounded.Until(() => device!.Disk!.Listings > 0, "the cache is listed");
        await Bounded.Of(daemon.Cache.CullAsync(0, dryRun: true));
        SimulatedMount mount = await kernel.Mount();
        await mount.Verify(0, 12 * MiB);
        device!.Disk!.HoldAt(listing);
        Task<CullReport> count = daemon.Cache.CullAsync(0, dryRun: true);
        await listing.Reached;
        await mount.UnmountAsync(Bounded.Token);
        await closing.Reached;
        await Bounded.Until(() => kernel.FindDirectory("/cache").LinkedFiles.Any(), "the file has a name");
        closing.Open();
        await Bounded.Until(() => source.Closed.Contains("image"), "the daemon has closed the object");
        listing.Open();
        CullReport report = await Bounded.Of(count);
        Assert.Empty(report.Entries);
        Assert.Equal(12 * MiB, report.CachedBytes);
    }

    [Fact]
    public void It_is_at_least_as_large_as_two_windows()
        => Assert.Throws<ArgumentOutOfRangeException>(() => _kernel.Bind(_options with { Culling = new() { BudgetBytes = (16 << 20) - 1 } }));
}
