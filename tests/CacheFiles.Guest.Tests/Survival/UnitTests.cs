using System.Globalization;
using CacheFiles.Guest.Tests.Ondemand;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>samples/ErofsOndemand with its own unit, as it is: the sandbox lets everything through that it needs.</summary>
[Trait("needs", "systemd")]
public sealed class UnitTests : IAsyncDisposable
{
    private const string Config = "/etc/erofs-ondemand.conf";
    private const string Unit = "erofs-ondemand.service";
    private const string Target = "/run/unit-target";
    private static readonly string[] s_units = [Unit, "erofs-ondemand-mounts.service"];
    private readonly OndemandProgram _program = new(Config);

    public async ValueTask DisposeAsync()
    {
        await ControlAsync("stop");
        foreach (var unit in s_units)
            File.Delete($"/run/systemd/system/{unit}");
        File.Delete("/opt/erofs-ondemand");
        File.Delete(Config);
    }

    [GuestFact]
    public async Task A_daemon_in_its_sandbox_serves_is_killed_goes_on_and_brings_mounts_back()
    {
        await InstallAsync();
        await ControlAsync("start");
        var process = await PropertyAsync("MainPID");
        Assert.Equal(("0000000000200002", "1", "2"), (StatusOf(process, "CapBnd"), StatusOf(process, "NoNewPrivs"), StatusOf(process, "Seccomp")));
        await _program.RunAsync("mount", "--fsid", "plain", "--target", Target);
        await ImageCheck.FileAsync("plain", Mount.Of(Target), "large/whole");

        await Child.SendAsync("KILL", int.Parse(process, CultureInfo.InvariantCulture));
        await ImageCheck.FileAsync("plain", Mount.Of(Target), "large/uneven");

        Assert.NotEqual(process, await PropertyAsync("MainPID"));
        await _program.RunAsync("prefetch", "--name", "plain");
        (var length, var cached) = await _program.BlobAsync("plain");
        Assert.Equal(length, cached);
        Assert.EndsWith(" bytes removed\n", await _program.RunAsync("cull", "--bytes", "1GiB", "--dry-run"), StringComparison.Ordinal);
        Assert.Contains("cachefiles_requests_total", await Child.SucceedAsync("/", "curl", "-sf", "http://127.0.0.1:9464/metrics"), StringComparison.Ordinal);
        Assert.Equal("1", await PropertyAsync("NFileDescriptorStore"));

        // What a reboot leaves: the cache and the record.
        await Bounded.CallAsync("unmounting", () => ErofsMount.Unmount(Target));
        await ControlAsync("stop");
        await ControlAsync("start");
        await Bounded.Until("the mount", () => File.Exists($"{Target}/large/whole"));
        await ImageCheck.FileAsync("plain", Mount.Of(Target), "large/whole");
        await _program.RunAsync("umount", "--target", Target);
        await _program.CullAsync("plain", "plain");
        Assert.DoesNotContain("erofs-ondemand: ", await Child.SucceedAsync("/", "journalctl", "--no-pager", "-o", "cat", "-u", Unit), StringComparison.Ordinal);
    }

    private static async Task InstallAsync()
    {
        File.CreateSymbolicLink("/opt/erofs-ondemand", OndemandProgram.Samples);
        foreach (var unit in s_units)
            File.Copy($"{OndemandProgram.Samples}/{unit}", $"/run/systemd/system/{unit}");
        await File.WriteAllTextAsync(Config, $"""
            [source]
            from = directory:{GuestMachine.Blobs}
            [cache]
            directory = /var/cache/erofs-ondemand
            [serve]
            read-ahead = 0
            keeper = systemd
            [metrics]
            port = 9464
            """);
        await Child.SucceedAsync("/", "systemctl", "daemon-reload");
    }

    private static Task<string> ControlAsync(string verb, params string[] arguments) => Child.SucceedAsync("/", "systemctl", [verb, .. arguments, Unit]);

    private static async Task<string> PropertyAsync(string name) => (await ControlAsync("show", "--value", "-p", name)).Trim();

    private static string StatusOf(string process, string name)
        => File.ReadLines($"/proc/{process}/status").Single(l => l.StartsWith(name + ":", StringComparison.Ordinal)).Split('\t')[1];
}
