using CacheFiles.Guest.Tests.Ondemand;
using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>samples/ErofsOndemand under samples/Supervisor, replaced by its own verb.</summary>
public class OndemandUpgradeTests
{
    [GuestFact]
    public async Task An_upgrade_leaves_mounts_as_they_are_and_one_to_a_program_that_cannot_serve_leaves_the_daemon()
    {
        var program = OndemandProgram.Configure(isSupervised: true);
        var target = Path.Combine(program.Directory, "mounted");
        var broken = Path.Combine(program.Directory, "broken");
        await File.WriteAllTextAsync(broken, "#!/bin/sh\n[ \"$1\" = check ]\n");
        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var supervisor = Child.Start(
            "/opt/samples/Supervisor/Supervisor", "--socket", program.SupervisorPath, "--", OndemandProgram.Program, "serve", "--config", program.Config);
        await Bounded.Until("a daemon", () => File.Exists(program.ControlPath));
        await program.RunAsync("mount", "--fsid", "plain", "--target", target);
        var first = await program.ProcessIdAsync();

        using var failing = Child.Start(OndemandProgram.Program, "upgrade", "--config", program.Config, "--program", broken);
        ChildResult failed = await failing.EndAsync();
        var after = await program.ProcessIdAsync();
        await program.RunAsync("upgrade");

        Assert.Equal((1, first), (failed.ExitCode, after));
        Assert.Contains("ended with status 1 before it served", failed.Error, StringComparison.Ordinal);
        Assert.NotEqual(first, await program.ProcessIdAsync());
        await ImageCheck.FileAsync("plain", Mount.Of(target), "large/whole");
        await program.RunAsync("umount", "--target", target);
        supervisor.Signal("TERM");
        Assert.Equal(0, (await supervisor.EndAsync()).ExitCode);
    }
}
