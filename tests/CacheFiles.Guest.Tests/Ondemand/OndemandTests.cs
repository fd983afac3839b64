using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Ondemand;

/// <summary>The daemon that a person would run, by its verbs.</summary>
public class OndemandTests
{
    [GuestFact]
    public async Task An_image_is_mounted_read_prefetched_unmounted_and_culled()
    {
        var program = OndemandProgram.Configure();
        using DaemonProcess daemon = await program.ServeAsync();
        var target = Path.Combine(program.Directory, "mounted");
        await program.RunAsync("mount", "--fsid", "first", "--domain", "dom", "--device", "common", "--target", target);
        await ImageCheck.FileAsync("first", Mount.Of(target), "base/files/0001");
        (var length, var cached) = await program.BlobAsync("common");
        Assert.InRange(cached, 1, length - 1);

        Assert.Contains($"dom/common: {length} of {length} bytes, ", await program.RunAsync("prefetch", "--name", "common"), StringComparison.Ordinal);

        Assert.Equal((length, length), await program.BlobAsync("common"));
        Assert.Equal(0, (await program.StatusAsync()).GetProperty("faults").GetInt64());
        await program.RunAsync("umount", "--target", target);
        Assert.DoesNotContain(target, await File.ReadAllTextAsync(program.RecordPath), StringComparison.Ordinal);
        await program.CullAsync("common", "dom");
        Assert.Equal(0, await daemon.EndAsync("TERM"));
        Assert.Equal("", daemon.Error.Trim());
    }

    [GuestFact]
    public async Task What_was_mounted_is_mounted_again_after_a_reboot()
    {
        var program = OndemandProgram.Configure();
        var target = Path.Combine(program.Directory, "with space");
        using (DaemonProcess daemon = await program.ServeAsync())
        {
            await program.RunAsync("mount", "--fsid", "first", "--domain", "dom", "--device", "common", "--target", target);
            // What a reboot leaves: no daemon, no mount, and the record.
            await daemon.EndAsync("KILL");
            await Bounded.CallAsync("unmounting", () => ErofsMount.Unmount(target));
            Directory.Delete(target);
        }

        using DaemonProcess next = await program.ServeAsync();
        Assert.Equal($"mounted first on {target}\n", await program.RunAsync("remount"));

        await ImageCheck.FileAsync("first", Mount.Of(target), "base/big");
        await Bounded.CallAsync("unmounting", () => ErofsMount.Unmount(target));
        Assert.Equal(0, await next.EndAsync("TERM"));
    }
}
