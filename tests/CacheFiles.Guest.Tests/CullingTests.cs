using CacheFiles.Guest.Tests.Support;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>The disk of a real cache gets full, and the daemon makes room.</summary>
public sealed class CullingTests : IDisposable
{
    private const long MiB = 1 << 20;

    // Little of the disk is enough for the tests.
    private static readonly CullLimits s_limits = new() { StopBlocksPercent = 0, CullBlocksPercent = 1, RunBlocksPercent = 2 };
    private readonly DirectoryInfo _source = Directory.CreateTempSubdirectory("source-");
    private readonly Filler _filler = new();

    public CullingTests()
    {
        // The same image under several names is several objects.
        foreach (var name in (string[])["a", "b", "c", "d", "e", "f"])
            File.CreateSymbolicLink(Path.Combine(_source.FullName, name), Path.Combine(GuestMachine.Blobs, "plain"));
    }

    public void Dispose()
    {
        _filler.Dispose();
        _source.Delete(recursive: true);
    }

    [GuestFact]
    public async Task When_the_kernel_wants_room_the_object_unused_for_the_longest_time_goes()
    {
        await using TestDaemon daemon = Start();
        // All of them make up the hundredth of the disk that culling gets back.
        foreach (var name in (string[])["b", "a", "c", "e", "f", "b"])
            await UseAsync(daemon, name);
        await _filler.LeaveFreeAsync((Filler.Space.TotalBytes / 100) + (4 * MiB));
        await using Mount open = await Mount.OfAsync("d");
        await ImageCheck.FileAsync("plain", open, "large/whole");

        await Bounded.Until("room", () => !IsCached(daemon, "a"));

        await ImageCheck.FileAsync("plain", open, "large/uneven");
        Assert.Empty(daemon.Faults);
    }

    [GuestFact]
    public async Task A_reader_on_a_full_disk_gets_its_bytes_in_place_of_what_is_not_used()
    {
        await using TestDaemon daemon = Start();
        await UseAsync(daemon, "a");
        await using Mount open = await Mount.OfAsync("b");
        await _filler.LeaveFreeAsync(2 * MiB);

        await ImageCheck.FileAsync("plain", open, "large/whole");

        Assert.False(IsCached(daemon, "a"));
        // What the kernel calls enough cannot be reached here.
        Assert.All(daemon.Faults, f => Assert.Equal(FaultSource.Space, f.Source));
    }

    [GuestFact]
    public async Task A_reader_on_a_full_disk_with_nothing_to_cull_gets_EIO_and_goes_on_when_there_is_room()
    {
        await using TestDaemon daemon = Start(o => o with { RequestDeadline = TimeSpan.FromSeconds(2) });
        await using Mount open = await Mount.OfAsync("a");
        open.Touch("large/whole");
        await _filler.LeaveFreeAsync(0);

        using Child reader = Child.Read(open.File("large/whole"), 0, 4 * MiB);
        ChildResult failed = await reader.EndAsync();
        _filler.Remove();
        await ImageCheck.FileAsync("plain", open, "large/whole");

        failed.AssertReadError();
        Assert.Single(daemon.Faults, f => f.Source == FaultSource.Space);
        Assert.All(daemon.Faults, f => Assert.Contains(f.Source, new[] { FaultSource.Space, FaultSource.Deadline }));
    }

    [GuestFact]
    public async Task A_budget_smaller_than_the_images_is_kept_and_every_byte_is_right()
    {
        var budget = GuestMachine.LengthOf("plain") * 3 / 2;
        await using TestDaemon daemon = Start(o => o with { Culling = new() { BudgetBytes = budget } });
        var free = Filler.Space.FreeBytes;
        var most = 0L;
        using var end = new CancellationTokenSource();
        Task watch = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                most = Math.Max(most, free - Filler.Space.FreeBytes);
                await Task.Delay(5);
            }
        });

        foreach (var name in (string[])["a", "b", "c", "a", "c", "b"])
            await UseAsync(daemon, name);
        await end.CancelAsync();
        await watch;

        // The fan-out directories of three volumes are not data.
        Assert.InRange(most, budget / 2, budget + (6 * MiB));
        Assert.Empty(daemon.Faults);
    }

    [GuestFact]
    public async Task What_is_open_pinned_or_strange_stays_and_the_graveyard_is_emptied()
    {
        await using TestDaemon daemon = Start(o => o with { Culling = new() { Pinned = [new ObjectKey("erofs,a", "a")] } });
        await UseAsync(daemon, "a");
        await UseAsync(daemon, "b");
        await UseAsync(daemon, "c");
        await using Mount open = await Mount.OfAsync("b");
        var strange = Path.Combine(daemon.CacheDirectory, "cache", "Ierofs,a", "notes.txt");
        File.WriteAllText(strange, "");

        CullReport report = await daemon.Cache.CullAsync(long.MaxValue);

        Assert.Equal(
            [("Da", CullOutcome.Pinned), ("Db", CullOutcome.InUse), ("Dc", CullOutcome.Culled), ("notes.txt", CullOutcome.Strange)],
            report.Entries.Select(e => (Path.GetFileName(e.Path), e.Outcome)).OrderBy(e => e.Item1, StringComparer.Ordinal));
        Assert.True(File.Exists(strange));
        Assert.False(IsCached(daemon, "c"));
        var length = GuestMachine.LengthOf("plain");
        Assert.InRange(report.FreedBytes, length * 9 / 10, length * 11 / 10);
        await ImageCheck.FileAsync("plain", open, "large/whole");
        Assert.Empty(daemon.Faults);
    }

    private TestDaemon Start(Func<OndemandOptions, OndemandOptions>? configure = null)
        => TestDaemon.Start(o => (configure?.Invoke(o) ?? o) with { Limits = s_limits }, source: _source.FullName);

    /// <summary>Fills the cache with an image and unmounts it.</summary>
    private static async Task UseAsync(TestDaemon daemon, string name)
    {
        await using Mount mount = await Mount.OfAsync(name);
        await ImageCheck.FileAsync("plain", mount, "large/whole");
        PrefetchProgress progress = await Bounded.Within("prefetching", daemon.Cache.PrefetchAsync(new ObjectKey($"erofs,{name}", name)));
        Assert.Equal((progress.BytesTotal, 0), (progress.BytesDone, progress.BytesFailed));
    }

    private static bool IsCached(TestDaemon daemon, string name)
        => File.Exists(Path.Combine(daemon.CacheDirectory, new ObjectPath(new ObjectKey($"erofs,{name}", name)).ToString()));
}
