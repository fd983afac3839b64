using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Tests.Units;

/// <summary>What the probe says of machines that are made up: a directory with the files by which a machine tells about itself.</summary>
public sealed class SupportTests : IDisposable
{
    private const string OndemandFunctions =
        "0000000000000000 t cachefiles_ondemand_daemon_read\t[cachefiles]\n0000000000000000 t cachefiles_ondemand_restore\t[cachefiles]\n0000000000000000 t erofs_fscache_register_fs\t[erofs]\n";

    private readonly string _root = Directory.CreateTempSubdirectory("machine-").FullName;

    public SupportTests()
    {
        Kernel("6.12.117+deb12-cloud-amd64");
        Directory.CreateDirectory(PathOf("/sys/module/cachefiles"));
        Directory.CreateDirectory(PathOf("/sys/module/erofs"));
        Write("/proc/kallsyms", "0000000000000000 T vfs_read\n" + OndemandFunctions);
        Write("/dev/cachefiles", "");
        Write("/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
        Limits("65536");
        Directory.CreateDirectory(PathOf("/cache"));
        Write("/proc/self/mountinfo", "21 1 8:1 / / rw,relatime - ext4 /dev/vda rw\n");
    }

    [Fact]
    public void A_machine_that_has_everything_is_a_yes()
    {
        CacheFilesSupport support = Probe();
        Assert.Equal(SupportVerdict.Yes, support.Verdict);
        Assert.All(support.Checks, c => Assert.Equal(c.Name == "compressed-images" ? SupportVerdict.No : SupportVerdict.Yes, c.Verdict));
        Assert.Equal(
            ["kernel", "module-cachefiles", "ondemand", "restore", "module-erofs", "erofs-fsid", "erofs-domain", "compressed-images",
                "device", "capability", "device-free", "open-files", "cache-directory", "access-times"],
            support.Checks.Select(c => c.Name));
    }

    [Theory]
    [InlineData("5.15.0-100-generic", SupportVerdict.No, "6.1")]
    [InlineData("5.18.19", SupportVerdict.No, "6.1")]
    [InlineData("5.19.0", SupportVerdict.Yes, null)]
    [InlineData("6.1.0-56-cloud-amd64", SupportVerdict.Yes, null)]
    [InlineData("7.1", SupportVerdict.Yes, null)]
    [InlineData("7.1.7-arch1", SupportVerdict.Yes, null)]
    [InlineData("7.1.8", SupportVerdict.No, "fanotify")]
    [InlineData("7.2-rc1", SupportVerdict.No, "fanotify")]
    [InlineData("7.2.0", SupportVerdict.No, "LTS")]
    [InlineData("10.0.1", SupportVerdict.No, "fanotify")]
    [InlineData("custom", SupportVerdict.Unknown, null)]
    public void The_kernels_version_decides_and_what_to_use_instead_is_said(string release, SupportVerdict verdict, string? remedy)
    {
        Kernel(release);
        SupportCheck check = Check("kernel");
        Assert.Equal(verdict, check.Verdict);
        Assert.Contains(remedy ?? "", check.Remedy ?? "", StringComparison.Ordinal);
        Assert.Equal(verdict == SupportVerdict.No, check.Remedy is not null);
    }

    [Fact]
    public void A_kernel_without_the_mode_is_a_no_for_each_part_that_is_missing()
    {
        Write("/proc/kallsyms", "0000000000000000 T vfs_read\n");
        Assert.Equal(SupportVerdict.No, Probe().Verdict);
        foreach ((var name, var option) in new[] { ("ondemand", "CONFIG_CACHEFILES_ONDEMAND"), ("erofs-fsid", "CONFIG_EROFS_FS_ONDEMAND"), ("erofs-domain", "CONFIG_EROFS_FS_ONDEMAND") })
        {
            Assert.Equal(SupportVerdict.No, Check(name).Verdict);
            Assert.Contains(option, Check(name).Remedy, StringComparison.Ordinal);
        }
        Assert.Equal(SupportVerdict.No, Check("restore").Verdict);
    }

    [Theory]
    [InlineData("CONFIG_CACHEFILES_ONDEMAND=y\n", SupportVerdict.Yes)]
    [InlineData("# CONFIG_CACHEFILES_ONDEMAND is not set\n", SupportVerdict.No)]
    [InlineData(null, SupportVerdict.Unknown)]
    public void Where_the_module_is_not_loaded_the_build_option_decides(string? config, SupportVerdict verdict)
    {
        Directory.Delete(PathOf("/sys/module/cachefiles"));
        Write("/lib/modules/6.12.117+deb12-cloud-amd64/modules.dep", "kernel/fs/cachefiles/cachefiles.ko.xz: kernel/fs/netfs/netfs.ko.xz\n");
        if (config is not null)
            Write("/boot/config-6.12.117+deb12-cloud-amd64", config);
        Assert.Equal(verdict, Check("ondemand").Verdict);
        Assert.Equal((SupportVerdict.No, "modprobe cachefiles"), (Check("module-cachefiles").Verdict, Check("module-cachefiles").Remedy));
    }

    [Fact]
    public void A_kernel_without_the_module_is_told_apart_from_one_that_has_not_loaded_it()
    {
        Directory.Delete(PathOf("/sys/module/cachefiles"));
        Write("/lib/modules/6.12.117+deb12-cloud-amd64/modules.dep", "kernel/fs/erofs/erofs.ko.xz:\n");
        Assert.Contains("CONFIG_CACHEFILES", Check("module-cachefiles").Remedy, StringComparison.Ordinal);
        Assert.Equal(SupportVerdict.No, Check("ondemand").Verdict);
    }

    [Fact]
    public void Where_the_list_of_modules_cannot_be_seen_a_module_that_is_not_loaded_may_still_be_installed()
    {
        Directory.Delete(PathOf("/sys/module/cachefiles"));
        SupportCheck module = Check("module-cachefiles");
        Assert.Equal(SupportVerdict.No, module.Verdict);
        Assert.Contains("modprobe cachefiles", module.Remedy, StringComparison.Ordinal);
        Assert.Equal((SupportVerdict.Unknown, SupportVerdict.Unknown), (Check("ondemand").Verdict, Check("restore").Verdict));
    }

    [Fact]
    public void Shared_domains_come_with_Linux_6_1()
    {
        Kernel("5.19.17");
        Assert.Equal((SupportVerdict.No, SupportVerdict.Yes), (Check("erofs-domain").Verdict, Check("erofs-fsid").Verdict));
    }

    [Theory]
    [InlineData("6.1.192", "cannot be read")]
    [InlineData("6.9.1", "not fixed")]
    public void Compressed_images_are_refused_or_dangerous_and_no_requirement(string release, string reason)
    {
        Kernel(release);
        SupportCheck check = Check("compressed-images");
        Assert.Equal((SupportVerdict.No, false), (check.Verdict, check.Required));
        Assert.Contains(reason, check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_process_lacks_is_said_with_a_remedy()
    {
        Write("/proc/self/status", "CapEff:\t0000000000000000\n");
        Limits("1024");
        File.Delete(PathOf("/dev/cachefiles"));
        foreach (var name in new[] { "device", "capability", "open-files" })
            Assert.True(Check(name) is { Verdict: SupportVerdict.No, Remedy.Length: > 0 }, name);
        File.Delete(PathOf("/proc/self/status"));
        Assert.Equal(SupportVerdict.Unknown, Check("capability").Verdict);
    }

    [Theory]
    [InlineData("xfs", "rw", SupportVerdict.Yes)]
    [InlineData("btrfs", "rw", SupportVerdict.Yes)]
    [InlineData("ext4", "ro", SupportVerdict.No)]
    [InlineData("tmpfs", "rw", SupportVerdict.No)]
    [InlineData("overlay", "rw", SupportVerdict.No)]
    [InlineData("bcachefs", "rw", SupportVerdict.Unknown)]
    public void The_cache_directory_is_judged_by_the_file_system_it_is_on(string type, string options, SupportVerdict verdict)
    {
        Write("/proc/self/mountinfo", $"21 1 8:1 / / rw - ext4 /dev/vda rw\n22 21 8:2 / /cache {options},noatime - {type} /dev/vdb {options}\n");
        Assert.Equal(verdict, Check("cache-directory").Verdict);
        Assert.Equal(SupportVerdict.No, Check("access-times").Verdict);
    }

    [Theory]
    [InlineData("/link", "xfs")]
    [InlineData("/link/inside", "xfs")]
    [InlineData("/cache/../link/inside/", "xfs")]
    [InlineData("/links/cache", "ext4")]
    [InlineData("/cache/", "tmpfs")]
    public void The_cache_directory_is_judged_where_its_links_lead(string directory, string type)
    {
        Directory.CreateDirectory(PathOf("/data/inside"));
        Directory.CreateDirectory(PathOf("/links"));
        Directory.CreateDirectory(PathOf("/plain"));
        Directory.CreateSymbolicLink(PathOf("/link"), PathOf("/data"));
        Directory.CreateSymbolicLink(PathOf("/links/cache"), PathOf("/plain"));
        Write("/proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/vda rw\n22 21 8:2 / /data rw - xfs /dev/vdb rw\n23 21 8:3 / /cache rw - tmpfs none rw\n");
        SupportCheck check = CacheFilesSupport.Probe(new Machine(_root), directory, "/dev/cachefiles").Checks.Single(c => c.Name == "cache-directory");
        Assert.Contains($" is on {type}", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_directory_that_is_not_there_is_a_no()
        => Assert.Equal(SupportVerdict.No, CacheFilesSupport.Probe(new Machine(_root), "/nowhere", "/dev/cachefiles").Checks[^1].Verdict);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Who holds the device is asked of the real machine: nobody holds a node that does not exist, but not everybody may look.</summary>
    private CacheFilesSupport Probe()
    {
        CacheFilesSupport support = CacheFilesSupport.Probe(new Machine(_root), "/cache", "/dev/cachefiles");
        Assert.SkipWhen(support.Checks.Single(c => c.Name == "device-free").Verdict != SupportVerdict.Yes, "somebody holds this machine's device, or may not be seen");
        return support;
    }

    private SupportCheck Check(string name) => CacheFilesSupport.Probe(new Machine(_root), "/cache", "/dev/cachefiles").Checks.Single(c => c.Name == name);

    private void Kernel(string release) => Write("/proc/sys/kernel/osrelease", release + "\n");

    private void Limits(string files) => Write("/proc/self/limits", $"Max open files            {files}                {files}                files\n");

    private string PathOf(string path) => Path.Join(_root, path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }
}
