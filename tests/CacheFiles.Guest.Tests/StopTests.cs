using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>A daemon that is asked to stop while somebody reads.</summary>
public class StopTests
{
    [GuestFact]
    public async Task A_fetch_that_ends_within_the_drain_time_is_not_lost_and_its_reader_goes_on()
    {
        var directory = GuestMachine.NewCacheDirectory();
        Mount mount;
        ByteRange served;
        await using (TestDaemon daemon = TestDaemon.Start(o => o with { DrainTimeout = Bounded.Limit }, directory))
        {
            mount = await Mount.OfAsync("plain");
            mount.Touch("large/whole");
            daemon.Fetcher.Fetches.Clear();
            var gate = new Gate("plain");
            daemon.Fetcher.BeforeFetch = gate.PassAsync;
            using Child reader = Child.Read(mount.File("large/whole"), 1 << 20, 4096);
            await gate.Reached;

            Task stopping = daemon.StopAsync();
            Assert.False(reader.HasExited);
            gate.Open();

            // Its bytes, or an error: the kernel fails a reader that was released but has not looked yet when the device is closed.
            Assert.InRange((await reader.EndAsync()).ExitCode, 0, 1);
            await stopping;
            served = Assert.Single(daemon.Fetcher.Fetches).Range;
        }
        await mount.UnmountAsync();

        await using TestDaemon next = TestDaemon.Start(null, directory);
        await using Mount again = await Mount.OfAsync("plain");
        await ImageCheck.FileAsync("plain", again, "large/whole");
        Assert.All(next.Fetcher.Fetches, f => Assert.True(f.Range.End <= served.Offset || f.Range.Offset >= served.End, $"{f.Range} was fetched again"));
    }

    [GuestFact]
    public async Task A_reader_gets_an_error_when_the_source_does_not_answer_within_the_drain_time()
    {
        await using TestDaemon daemon = TestDaemon.Start(o => o with { DrainTimeout = TimeSpan.FromMilliseconds(200) });
        await using Mount mount = await Mount.OfAsync("plain");
        mount.Touch("large/whole");
        var gate = new Gate("plain");
        daemon.Fetcher.BeforeFetch = gate.PassAsync;
        using Child reader = Child.Read(mount.File("large/whole"), 1 << 20, 4096);
        await gate.Reached;

        await daemon.StopAsync();

        (await reader.EndAsync()).AssertReadError();
    }

    [GuestFact]
    public async Task The_device_is_free_when_a_daemon_has_stopped_although_it_was_reading_ahead()
    {
        for (var round = 0; round < 5; round++)
        {
            await using TestDaemon daemon = TestDaemon.Start();
            await using Mount mount = await Mount.OfAsync("plain");
            using Child reader = Child.Read(mount.File("large/whole"), 0, long.MaxValue);
            await Bounded.Until("reading ahead", () => daemon.Fetcher.Fetches.Any(f => f.Range.Length > 256 << 10));

            await daemon.StopAsync();

            DeviceHandle.Open().Dispose();
            await reader.EndAsync();
        }
    }

    [GuestFact]
    public async Task A_mount_that_waits_for_its_length_fails_when_the_drain_time_is_over()
    {
        await using TestDaemon daemon = TestDaemon.Start(o => o with { DrainTimeout = TimeSpan.FromMilliseconds(200) });
        var asked = new TaskCompletionSource();
        daemon.Fetcher.BeforeOpen = async (_, _) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        };
        Task<ErrnoException> mounting = Mount.FailAsync("plain");
        await Bounded.Within("no OPEN comes", asked.Task);

        await daemon.StopAsync();

        await mounting;
    }

    [GuestFact]
    public async Task The_next_daemon_fetches_nothing_that_was_cached_when_the_last_one_stopped_in_the_middle_of_a_read()
    {
        var directory = GuestMachine.NewCacheDirectory();
        Mount mount;
        await using (TestDaemon daemon = TestDaemon.Start(o => o with { DrainTimeout = TimeSpan.FromMilliseconds(200) }, directory))
        {
            mount = await Mount.OfAsync("plain");
            Assert.Equal(0, (await Child.Read(mount.File("large/whole"), 0, long.MaxValue).EndAsync()).ExitCode);
            mount.Touch("large/uneven");
            var gate = new Gate("plain");
            daemon.Fetcher.BeforeFetch = gate.PassAsync;
            using Child reader = Child.Read(mount.File("large/uneven"), 1 << 20, 4096);
            await gate.Reached;
            await daemon.StopAsync();
            (await reader.EndAsync()).AssertReadError();
        }
        await mount.UnmountAsync();

        await using TestDaemon next = TestDaemon.Start(null, directory);
        await using Mount again = await Mount.OfAsync("plain");
        GuestMachine.DropCaches();
        Assert.Equal(0, (await Child.Read(again.File("large/whole"), 0, long.MaxValue).EndAsync()).ExitCode);

        Assert.Empty(next.Fetcher.Fetches);
        await ImageCheck.SumsAsync("plain", again);
        next.Fetcher.AssertNothingTwice("plain");
        Assert.NotEmpty(next.Fetcher.Fetches);
    }
}
