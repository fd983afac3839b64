using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>What keeps a cache from being bound, and what is said about it.</summary>
public class BindTests
{
    [GuestFact]
    public async Task A_second_bind_is_refused_as_long_as_the_first_lasts()
    {
        await using (TestDaemon.Start())
        {
            var busy = Assert.Throws<ErrnoException>(() => Bind(GuestMachine.NewCacheDirectory()));
            Assert.Equal(Errno.EBUSY, busy.Errno);
            Assert.NotNull(busy.Remedy);
        }
        await using TestDaemon next = TestDaemon.Start();
    }

    [GuestFact]
    public void A_cache_directory_that_does_not_exist_is_named()
    {
        var missing = Assert.Throws<DirectoryNotFoundException>(() => Bind("/cache/nowhere"));
        Assert.Contains("/cache/nowhere", missing.Message, StringComparison.Ordinal);
    }

    [GuestFact]
    public void A_cache_directory_that_is_a_file_is_named()
    {
        var file = Assert.Throws<DirectoryNotFoundException>(() => Bind("/etc/passwd"));
        Assert.Contains("/etc/passwd", file.Message, StringComparison.Ordinal);
    }

    [GuestTheory]
    [InlineData("tmpfs")]
    [InlineData("ramfs")]
    [InlineData("proc")]
    public async Task A_file_system_that_cannot_hold_a_cache_is_refused_with_a_remedy_and_the_device_is_free_again(string type)
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        await Child.SucceedAsync("/", "mount", "-t", type, "none", directory);
        try
        {
            var refused = Assert.Throws<ErrnoException>(() => Bind(directory));
            Assert.Equal(Errno.EOPNOTSUPP, refused.Errno);
            Assert.NotNull(refused.Remedy);
        }
        finally
        {
            await Child.SucceedAsync("/", "umount", directory);
        }
        await using TestDaemon daemon = TestDaemon.Start();
    }

    [GuestFact]
    public async Task Limits_in_every_order_are_taken_by_the_kernel()
    {
        foreach ((var stop, var cull, var run) in new[] { (0, 1, 2), (1, 5, 7), (8, 9, 10), (0, 50, 99), (97, 98, 99), (2, 3, 99) })
        {
            var limits = new CullLimits
            {
                StopBlocksPercent = stop,
                CullBlocksPercent = cull,
                RunBlocksPercent = run,
                StopFilesPercent = stop,
                CullFilesPercent = cull,
                RunFilesPercent = run,
            };
            await using TestDaemon daemon = TestDaemon.Start(o => o with { Limits = limits });
        }
    }

    private static OndemandCache Bind(string directory) => OndemandCache.Bind(new OndemandOptions { CacheDirectory = directory });
}
