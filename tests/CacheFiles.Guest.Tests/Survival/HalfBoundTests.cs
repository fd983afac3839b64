using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A parent keeps its device whatever happens to the first daemon before the cache is bound.</summary>
public class HalfBoundTests
{
    // What is written to the device: restore, copen to tell why it was refused, tag, dir, bind.
    private const int Writes = 5;

    [GuestFact]
    public async Task Whatever_a_daemon_has_told_the_kernel_when_it_is_killed_the_next_one_serves()
    {
        for (var write = 1; write <= Writes + 1; write++)
        {
            var killed = $"strace -f -o /dev/null -P /dev/cachefiles -e trace=write -e inject=write:signal=KILL:when={write}";
            await using KeptDaemon daemon = await KeptDaemon.StartAsync(new ParentedDaemon(["tag=half"]) { First = write <= Writes ? killed : ":" });
            Assert.Equal(write <= Writes ? 2 : 1, daemon.Log.Begun.Length);
            await using Mount mount = await Mount.OfAsync("plain");
            await ImageCheck.FileAsync("plain", mount, "large/whole");
        }
    }

    [GuestFact]
    public async Task Where_binding_failed_the_next_daemon_does_not_take_the_device_for_bound()
    {
        var cache = GuestMachine.NewCacheDirectory();
        // It has no extended attributes for the kernel.
        await Child.SucceedAsync("/", "mount", "-t", "ramfs", "none", cache);
        await using var daemon = new ParentedDaemon([$"cache={cache}"]);
        Task starting = KeptDaemon.StartAsync(daemon);
        await daemon.Log.Until("two daemons that were refused", () => daemon.Log.Lines.Count(l => l.StartsWith("refused ", StringComparison.Ordinal)) >= 2);
        Assert.Empty(daemon.Log.Ready);

        await Child.SucceedAsync("/", "umount", cache);

        await Bounded.Within("no daemon serves", starting);
        await using Mount mount = await Mount.OfAsync("plain");
        await ImageCheck.FileAsync("plain", mount, "large/whole");
    }
}
