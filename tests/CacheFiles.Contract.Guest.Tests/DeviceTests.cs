using System.Diagnostics;
using System.Globalization;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract.Guest.Tests;

/// <summary>What needs processes, privileges or a file system to be seen.</summary>
public sealed class DeviceTests
{
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Without_CAP_SYS_ADMIN_root_cannot_open_the_device_either(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using Process dd = Start("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "dd", $"if={DeviceHandle.DefaultPath}", "count=0");
        Assert.Contains("Operation not permitted", await Bounded.Of(dd.StandardError.ReadToEndAsync(Bounded.Token)), StringComparison.Ordinal);
        using HandDaemon daemon = HandDaemon.Open(kernel);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_directory_that_does_not_exist_is_taken_until_bind_and_cannot_be_replaced(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using (HandDaemon daemon = HandDaemon.Open(kernel))
        {
            Assert.Equal(Errno.None, daemon.Command("dir /cache/nowhere"));
            Assert.Equal(Errno.ENOENT, daemon.Command("bind ondemand"));
            Assert.Equal(Errno.EEXIST, daemon.Command($"dir {kernel.CacheDirectory}"));
        }
        using HandDaemon next = HandDaemon.Bind(kernel);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Who_has_only_an_objects_descriptor_left_is_named_as_the_one_that_holds_the_device(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        (_, var id) = await daemon.MountAsync(ContractKernel.NewImage(8192));
        daemon.Device.Dispose();
        Assert.Equal(Environment.ProcessId, Assert.Single(DeviceHolder.Find()).ProcessId);
        daemon.Files[id].Dispose();
        Assert.Empty(DeviceHolder.Find());
    }

    /// <summary>The security module of the guests is AppArmor.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_security_context_that_nobody_knows_is_ENOENT_and_may_be_followed_by_one_that_is_known(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Open(kernel);
        Assert.Equal(Errno.ENOENT, daemon.Command("secctx nonsense"));
        Assert.Equal(Errno.None, daemon.Command("secctx unconfined"));
        Assert.Equal(Errno.EINVAL, daemon.Command("secctx unconfined"));
        Assert.Equal(Errno.None, daemon.Command($"dir {kernel.CacheDirectory}"));
        Assert.Equal(Errno.None, daemon.Command("bind ondemand"));
    }

    /// <summary>That the OPEN is still waited for when the signal has come shows in that it can be answered.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_mount_that_is_killed_ends_when_its_OPEN_is_answered_and_not_before(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        DirectoryInfo target = Directory.CreateTempSubdirectory("killed-");
        using Process mount = Start("mount", "-i", "-t", "erofs", "-o", $"ro,fsid={image.Name},domain_id={ContractKernel.Domain}", "none", target.FullName);
        HandMessage open = await daemon.TakeOpenAsync();
        mount.Kill();
        await Bounded.Until(() => IsKilled(mount.Id), "the signal");
        daemon.Accept(open, image.Blobs[0]);
        await Bounded.Of(mount.WaitForExitAsync(Bounded.Token));
        Assert.Equal(128 + 9, mount.ExitCode);
        target.Delete();
    }

    /// <summary>Whether SIGKILL waits for a process to come back from the kernel.</summary>
    private static bool IsKilled(int process)
        => File.ReadLines($"/proc/{process}/status").Where(l => l.StartsWith("SigPnd:", StringComparison.Ordinal))
            .Any(l => (ulong.Parse(l.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & 1 << 8) != 0);

    private static Process Start(string program, params string[] arguments)
        => Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
}
