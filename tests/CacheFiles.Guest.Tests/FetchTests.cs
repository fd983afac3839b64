using CacheFiles.Guest.Tests.Support;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>What a reader gets when its bytes are not to be had.</summary>
public class FetchTests
{
    [GuestFact]
    public async Task A_reader_gets_EIO_when_the_fetcher_fails_and_its_bytes_when_it_asks_again()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");
        daemon.Fetcher.BeforeFetch = (_, _, _) => throw new InvalidDataException("on purpose");

        using Child failing = Child.Read(mount.File("large/whole"), 1 << 20, 1 << 20);
        ChildResult failed = await failing.EndAsync();
        daemon.Fetcher.BeforeFetch = null;
        await ImageCheck.FileAsync("plain", mount, "large/whole");

        Assert.Contains("Input/output error", failed.Error, StringComparison.Ordinal);
        Assert.All(daemon.Faults, f => Assert.Equal((FaultSource.Fetch, "plain"), (f.Source, f.Key!.CookieText)));
        Assert.NotEmpty(daemon.Faults);
    }

    [GuestFact]
    public async Task A_failing_blob_does_not_disturb_the_readers_of_another()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount broken = await Mount.OfAsync("plain");
        await using Mount whole = await Mount.OfAsync("first", "dom", "common");
        daemon.Fetcher.BeforeFetch = (key, _, _) => key.CookieText == "plain" ? throw new InvalidDataException("on purpose") : Task.CompletedTask;

        using Child failing = Child.Read(broken.File("large/whole"), 0, 4 << 20);
        await ImageCheck.FileAsync("first", whole, "base/big");

        Assert.Contains("Input/output error", (await failing.EndAsync()).Error, StringComparison.Ordinal);
    }

    [GuestFact]
    public async Task A_reader_gets_EIO_at_the_deadline_and_its_bytes_once_the_source_answers_again()
    {
        await using TestDaemon daemon = TestDaemon.Start(o => o with { RequestDeadline = TimeSpan.FromSeconds(2) });
        await using Mount mount = await Mount.OfAsync("plain");
        var cancelled = new TaskCompletionSource();
        daemon.Fetcher.BeforeFetch = async (_, _, token) =>
        {
            await using CancellationTokenRegistration registration = token.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        };

        using Child stuck = Child.Read(mount.File("large/whole"), 1 << 20, 4096);
        ChildResult failed = await stuck.EndAsync();
        daemon.Fetcher.BeforeFetch = null;
        await ImageCheck.FileAsync("plain", mount, "large/whole");

        Assert.Contains("Input/output error", failed.Error, StringComparison.Ordinal);
        Assert.All(daemon.Faults, f => Assert.Equal(FaultSource.Deadline, f.Source));
        Assert.NotEmpty(daemon.Faults);
        await Bounded.Within("the fetch is not cancelled", cancelled.Task);
    }

    [GuestFact]
    public async Task A_reader_that_is_killed_while_it_waits_leaves_the_daemon_and_the_blob_in_order()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");
        var gate = new Gate("plain");
        daemon.Fetcher.BeforeFetch = gate.PassAsync;
        using Child reader = Child.Read(mount.File("large/whole"), 1 << 20, 4096);
        await gate.Reached;

        reader.Signal("KILL");
        await reader.EndAsync();
        gate.Open();
        await ImageCheck.FileAsync("plain", mount, "large/whole");

        Assert.All(daemon.Faults, f => Assert.Equal(FaultSource.LateCompletion, f.Source));
    }
}
