using System.Text;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Torture;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>Another program is to take the place of the daemon that serves, while somebody reads.</summary>
public class UpgradeTests
{
    private const int Seed = 5013;
    private const byte Update = 18;

    [GuestFact]
    public async Task A_program_that_cannot_serve_leaves_the_old_daemon_in_service()
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        await using var daemon = (SupervisedDaemon)await KeptDaemon.StartAsync("supervisor", $"source={blobs.Directory}");
        var readers = new Readers(blobs, Seed);

        ChildResult crashed = await daemon.UpgradeAsync("/bin/sh", "-c", "kill -SEGV $$");
        ChildResult notThere = await daemon.UpgradeAsync("/opt/there/is/no/such/program");
        // A state of a version to come, as a newer daemon would have left it.
        await ReplaceStateAsync(daemon, """{"version":2,"something":"new"}""");
        ChildResult tooNew = await daemon.UpgradeAsync();
        await readers.StopAsync();

        Assert.True((readers.Errors, readers.Wrong, readers.Hung) == (0, 0, 0), readers.FirstError ?? "hangs");
        Assert.Equal(2, crashed.ExitCode);
        Assert.Contains("ended with status 139", crashed.Error, StringComparison.Ordinal);
        Assert.Equal(2, notThere.ExitCode);
        Assert.Contains("no/such/program", notThere.Error, StringComparison.Ordinal);
        Assert.Equal(2, tooNew.ExitCode);
        Assert.Contains(daemon.Log.Lines, l => l.StartsWith("refused ", StringComparison.Ordinal) && l.Contains("format 2", StringComparison.Ordinal));
        Assert.Single(daemon.Log.Ready);
        Assert.True(ProcessTable.Runs(daemon.Log.Ready[0]));
        await daemon.AssertKeeperIsCleanAsync();
    }

    [GuestFact]
    public async Task A_program_that_ends_once_it_has_the_device_gives_way_to_the_former_one()
    {
        var blobs = new Blobs(Directory.CreateTempSubdirectory("blobs-").FullName);
        await using var daemon = (SupervisedDaemon)await KeptDaemon.StartAsync("supervisor", $"source={blobs.Directory}");
        var readers = new Readers(blobs, Seed);

        ChildResult ended = await daemon.UpgradeWithAsync("crash=adopted");
        await daemon.Log.ReadyAsync(2);
        await readers.StopAsync();

        Assert.True((readers.Errors, readers.Wrong, readers.Hung) == (0, 0, 0), readers.FirstError ?? "hangs");
        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("ended with status 137", ended.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Log.Faults);
        await daemon.AssertKeeperIsCleanAsync();
    }

    private static async Task ReplaceStateAsync(SupervisedDaemon daemon, string state)
    {
        var message = new byte[5 + state.Length];
        BitConverter.TryWriteBytes(message, state.Length);
        message[4] = Update;
        Encoding.UTF8.GetBytes(state, message.AsSpan(5));
        await SupervisorSocket.SendAsync(daemon.Socket, message);
    }
}
