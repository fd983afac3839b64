using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>A kernel without the modules, and one whose modules were built without the on-demand mode: what is said, and by whom.</summary>
public class ModuleTests
{
    [GuestFact]
    public async Task Modules_that_are_not_loaded_are_missed_by_the_probe_by_bind_and_by_mount()
    {
        await using (await Modules.UnloadAsync())
        {
            CacheFilesSupport support = CacheFilesSupport.Probe("/cache");
            Assert.Equal(
                "kernel=Yes module-cachefiles=No ondemand=Unknown restore=Unknown module-erofs=No erofs-fsid=Unknown erofs-domain=Unknown compressed-images=No "
                + "device=No capability=Yes device-free=Yes open-files=Yes cache-directory=Yes access-times=Yes",
                ProbeReport.Verdicts(support));
            Assert.Equal(SupportVerdict.No, support.Verdict);
            foreach (var module in (string[])["cachefiles", "erofs"])
                Assert.Equal($"modprobe {module}", support.Checks.Single(c => c.Name == $"module-{module}").Remedy);
            ErrnoException unbound = Assert.Throws<ErrnoException>(Bind);
            Assert.Equal(Errno.ENOENT, unbound.Errno);
            Assert.Contains("modprobe cachefiles", unbound.Remedy, StringComparison.Ordinal);
            // The kernel loads a file system that it is to mount.
            await Mount.RefusedAsync("plain");
            Assert.Equal(SupportVerdict.Yes, CacheFilesSupport.Probe().Checks.Single(c => c.Name == "module-erofs").Verdict);
        }
        await AssertMountsAsync();
    }

    [GuestFact]
    public async Task Modules_without_the_mode_are_told_apart_by_the_probe_by_bind_and_by_mount()
    {
        await using (await Modules.WithoutModeAsync())
        {
            CacheFilesSupport support = CacheFilesSupport.Probe("/cache");
            Assert.Equal(
                "kernel=Yes module-cachefiles=Yes ondemand=No restore=No module-erofs=Yes erofs-fsid=No erofs-domain=No compressed-images=No "
                + "device=Yes capability=Yes device-free=Yes open-files=Yes cache-directory=Yes access-times=Yes",
                ProbeReport.Verdicts(support));
            Assert.Equal(SupportVerdict.No, support.Verdict);
            Assert.Contains("CONFIG_CACHEFILES_ONDEMAND", support.Checks.Single(c => c.Name == "ondemand").Remedy, StringComparison.Ordinal);
            Assert.Contains("CONFIG_EROFS_FS_ONDEMAND", support.Checks.Single(c => c.Name == "erofs-fsid").Remedy, StringComparison.Ordinal);
            ErrnoException unbound = Assert.Throws<ErrnoException>(Bind);
            Assert.Equal(Errno.EINVAL, unbound.Errno);
            Assert.Contains("CONFIG_CACHEFILES_ONDEMAND", unbound.Remedy, StringComparison.Ordinal);
            // EROFS takes no notice of fsid= then, and looks for a device of the name "none".
            ErrnoException unmounted = await Mount.FailAsync("plain");
            Assert.Equal(Errno.ENOENT, unmounted.Errno);
            Assert.Contains("CONFIG_EROFS_FS_ONDEMAND", unmounted.Remedy, StringComparison.Ordinal);
        }
        await AssertMountsAsync();
    }

    private static void Bind() => OndemandCache.Bind(new OndemandOptions { CacheDirectory = GuestMachine.NewCacheDirectory() });

    private static async Task AssertMountsAsync()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");
        await ImageCheck.FileAsync("plain", mount, "odd/4097");
    }
}
