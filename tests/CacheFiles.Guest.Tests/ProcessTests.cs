using System.Text.RegularExpressions;
using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests;

/// <summary>The samples as processes that are ended in the middle of a read.</summary>
public partial class ProcessTests
{
    [GuestFact]
    public async Task SIGTERM_in_the_middle_of_a_read_leaves_no_reader_behind_and_a_cache_that_is_used_again()
    {
        var cache = GuestMachine.NewCacheDirectory();
        long read;
        using (DaemonProcess daemon = await DaemonProcess.StartAsync("DirectoryDaemon", "--source", GuestMachine.Blobs, "--cache", cache, "--verbose"))
        await using (Mount mount = await Mount.OfAsync("plain"))
        {
            using Child reader = Child.Read(mount.File("large/whole"), 0, long.MaxValue);
            await Bounded.Until("bytes for the reader", () => reader.HasExited || reader.BytesRead > 1 << 20);
            read = reader.BytesRead;

            Assert.Equal(0, await daemon.EndAsync("TERM"));

            Assert.InRange((await reader.EndAsync()).ExitCode, 0, 1);
            Assert.Matches(Stats(), daemon.Error);
        }

        using (DaemonProcess next = await DaemonProcess.StartAsync("DirectoryDaemon", "--source", GuestMachine.Blobs, "--cache", cache, "--verbose"))
        {
            await using (Mount mount = await Mount.OfAsync("plain"))
            {
                GuestMachine.DropCaches();
                using Child reader = Child.Read(mount.File("large/whole"), 0, Math.Min(read, 1 << 20));
                Assert.Equal(new ChildResult(0, "", ""), await reader.EndAsync());
            }
            Assert.Equal(0, await next.EndAsync("TERM"));
            Assert.EndsWith("stats opens=1 reads=0 bytes=0", next.Error.TrimEnd(), StringComparison.Ordinal);
        }
    }

    [GuestTheory]
    [InlineData("TERM", 0)]
    [InlineData("KILL", 137)]
    public async Task A_reader_that_waits_for_a_slow_origin_gets_an_error_when_its_daemon_ends_and_its_bytes_from_the_next_one(string signal, int status)
    {
        var cache = GuestMachine.NewCacheDirectory();
        using SlowOrigin origin = await SlowOrigin.StartAsync();
        using (DaemonProcess daemon = await DaemonProcess.StartAsync("HttpDaemon", "--origin", SlowOrigin.Url, "--cache", cache))
        await using (Mount mount = await Mount.OfAsync("plain"))
        {
            using Child reader = Child.Read(mount.File("large/whole"), 1 << 20, 1 << 20);
            await Bounded.Until("the reader waits", () => reader.KernelStacks().Contains("cachefiles_ondemand", StringComparison.Ordinal));

            Assert.Equal(status, await daemon.EndAsync(signal));

            (await reader.EndAsync()).AssertReadError();
        }

        using DaemonProcess next = await DaemonProcess.StartAsync("DirectoryDaemon", "--source", GuestMachine.Blobs, "--cache", cache);
        await using Mount again = await Mount.OfAsync("plain");
        await ImageCheck.FileAsync("plain", again, "large/whole");
    }

    [GuestFact]
    public async Task A_mount_that_outlived_its_daemon_stays_broken_until_it_is_mounted_anew()
    {
        var cache = GuestMachine.NewCacheDirectory();
        Mount mount;
        using (DaemonProcess daemon = await DaemonProcess.StartAsync("DirectoryDaemon", "--source", GuestMachine.Blobs, "--cache", cache))
        {
            mount = await Mount.OfAsync("plain");
            mount.Touch("large/whole");
            await daemon.EndAsync("KILL");
        }

        using DaemonProcess next = await DaemonProcess.StartAsync("DirectoryDaemon", "--source", GuestMachine.Blobs, "--cache", cache);
        await using (mount)
        {
            using Child reader = Child.Read(mount.File("large/whole"), 0, 4096);
            (await reader.EndAsync()).AssertReadError();
        }
        await using Mount again = await Mount.OfAsync("plain");
        await ImageCheck.FileAsync("plain", again, "large/whole");
    }

    [GeneratedRegex(@"stats opens=1 reads=[1-9][0-9]* bytes=[1-9][0-9]*\s*$")]
    private static partial Regex Stats();
}
