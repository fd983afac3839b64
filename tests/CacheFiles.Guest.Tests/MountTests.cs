using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>What is done with a mounted image besides reading it.</summary>
public class MountTests
{
    /// <summary>As a build does: reads many files, makes new ones of them, changes and removes others.</summary>
    private const string Work = """
        set -e
        cd "$1"
        mkdir built
        head -c 200000 text | sort | gzip -1 >built/sorted.gz
        cat inline/* pages/* | split -b 65536 - built/part
        for f in odd/4*; do cat "$f" "$f" >"built/${f##*/}"; done
        ln built/partaa built/hard
        sed -i 's/77/seventy-seven/' text
        printf tail >>odd/8193
        chmod 600 inline/0001
        mv odd/65537 built/
        rm -r pages
        mkdir pages
        cp inline/0002 pages/new
        """;

    [GuestFact]
    public async Task Work_on_an_overlay_over_an_image_comes_out_as_on_a_copy_of_it()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount image = await Mount.OfAsync("plain");
        var directory = Directory.CreateTempSubdirectory("overlay-").FullName;
        await RunAsync(directory, $"mkdir upper work merged copy; mount -t overlay -o lowerdir={image.Path},upperdir=upper,workdir=work none merged");
        try
        {
            await RunAsync(directory, Work, "merged");
            await RunAsync(directory, $"cd {image.Path}; cp -a inline pages odd text {directory}/copy");
            await RunAsync(directory, Work, "copy");

            await RunAsync(directory, "for name in built inline pages odd text; do diff -r merged/$name copy/$name; done");
            await ImageCheck.FileAsync("plain", image, "text");
        }
        finally
        {
            await RunAsync(directory, "umount merged");
        }
        Directory.Delete(directory, recursive: true);
        daemon.Fetcher.AssertNothingTwice("plain");
        Assert.Empty(daemon.Faults);
    }

    [GuestFact]
    public async Task What_is_committed_before_it_is_mounted_has_its_name_in_the_cache_from_the_start()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await Bounded.CallAsync("committing", () => ErofsMount.Commit("first", "dom", "common"));

        await using Mount committed = await Mount.OfAsync("first", "dom", "common");
        await using Mount other = await Mount.OfAsync("plain");

        Assert.True(File.Exists(PathOf("erofs,dom", "first")));
        Assert.True(File.Exists(PathOf("erofs,dom", "common")));
        Assert.False(File.Exists(PathOf("erofs,plain", "plain")));
        await ImageCheck.FileAsync("first", committed, "base/big");
        daemon.Fetcher.AssertNothingTwice("first");
        daemon.Fetcher.AssertNothingTwice("common");
        Assert.Empty(daemon.Faults);

        string PathOf(string volume, string cookie) => Path.Combine(daemon.CacheDirectory, new ObjectPath(new ObjectKey(volume, cookie)).ToString());
    }

    [GuestFact]
    public async Task A_commit_of_what_is_mounted_or_refused_fails_and_leaves_nothing_open()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");
        Assert.Contains(FailCommit("plain").Errno, new[] { Errno.EEXIST, Errno.EBUSY });
        Assert.Contains(FailCommit("nothing").Errno, new[] { Errno.EIO, Errno.ENOBUFS });
        await ImageCheck.FileAsync("plain", mount, "text");
        await mount.UnmountAsync();
        await Bounded.Until("no object open", () => ObjectHandle.OpenCount == 0);

        static ErrnoException FailCommit(string fsid) => Assert.Throws<ErrnoException>(() => ErofsMount.Commit(fsid));
    }

    [GuestFact]
    public async Task A_remount_with_other_names_leaves_the_mount_its_own()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("first", "dom", "common");
        var before = OptionsOf(mount);
        Assert.Contains("fsid=first,domain_id=dom", before, StringComparison.Ordinal);

        await RunAsync("/", $"mount -i -t erofs -o remount,ro,fsid=second,domain_id=other none {mount.Path}");

        Assert.Equal(before, OptionsOf(mount));
        await ImageCheck.SumsAsync("first", mount);
        Assert.Equal(Errno.EEXIST, (await Mount.FailAsync("first", "dom", "common")).Errno);
        await using Mount second = await Mount.OfAsync("second", "dom", "common");
        await ImageCheck.FileAsync("second", second, "second/own");
        Assert.Equal(["erofs,dom/common", "erofs,dom/first", "erofs,dom/second"], daemon.Fetcher.Opens.Select(k => k.ToString()).Order());
    }

    private static string OptionsOf(Mount mount) => File.ReadLines("/proc/self/mountinfo").Single(l => l.Contains($" {mount.Path} ", StringComparison.Ordinal));

    private static Task<string> RunAsync(string directory, string script, params string[] arguments)
        => Child.SucceedAsync(directory, "bash", ["-ec", script, "bash", .. arguments]);
}
