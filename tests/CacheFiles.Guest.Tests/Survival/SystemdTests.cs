using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>systemd's part: the store, the watchdog, restart and stop.</summary>
[Trait("needs", "systemd")]
public class SystemdTests
{
    [GuestFact]
    public async Task A_restart_and_a_daemon_that_hangs_only_make_readers_wait_and_a_stop_frees_the_device()
    {
        await using var daemon = (SystemdDaemon)await KeptDaemon.StartAsync("systemd", "delay=5");
        await using (Mount mount = await Mount.OfAsync("plain"))
        {
            await SystemdDaemon.ControlAsync("restart");
            await ImageCheck.FileAsync("plain", mount, "large/whole");
            var before = daemon.Log.Ready.Length;
            using Child hang = Child.Start("kill", "-STOP", $"{daemon.Log.Ready[^1]}");
            await hang.EndAsync();
            await ImageCheck.FileAsync("plain", mount, "large/uneven");

            // It is woken to be aborted, and may serve on until it is.
            await daemon.Log.ReadyAsync(before + 1);
            Assert.Equal("1", await SystemdDaemon.PropertyAsync("NFileDescriptorStore"));
            Assert.Contains("watchdog", await Child.SucceedAsync("/", "journalctl", "--no-pager", "-u", SystemdDaemon.Unit), StringComparison.OrdinalIgnoreCase);
        }
        daemon.Log.AssertNothingTwice("plain");
        Assert.Empty(daemon.Log.Faults);
        await daemon.AssertKeeperIsCleanAsync();
        await SystemdDaemon.ControlAsync("stop");
        await Bounded.Until("the device is free", IsDeviceFree);
    }

    private static bool IsDeviceFree()
    {
        try
        {
            DeviceHandle.Open().Dispose();
            return true;
        }
        catch (ErrnoException e) when (e.Errno == Errno.EBUSY)
        {
            return false;
        }
    }

    [GuestFact]
    public async Task A_daemon_that_is_too_old_for_the_state_says_so_and_everything_waits_for_a_newer_one()
    {
        await using KeptDaemon daemon = await KeptDaemon.StartAsync("systemd");
        await using Mount mount = await Mount.OfAsync("plain");
        const string State = SystemdDaemon.RuntimeDirectory + "/state.json";
        var own = await File.ReadAllTextAsync(State);
        await File.WriteAllTextAsync(State, """{"version":2}""");

        daemon.Kill();
        await daemon.Log.HasAsync("refused ");
        Task reading = ImageCheck.FileAsync("plain", mount, "large/whole");
        Assert.Contains(daemon.Log.Lines, l => l.Contains("format 2", StringComparison.Ordinal) && l.Contains(State, StringComparison.Ordinal));
        await File.WriteAllTextAsync(State, own);

        await daemon.Log.ReadyAsync(2);
        await reading;
        daemon.Log.AssertNothingTwice("plain");
    }
}
