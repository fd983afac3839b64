using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>What the device answers to what is written to it.</summary>
public sealed class CommandTests
{
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Every_command_before_bind_has_its_answer(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Open(kernel);
        AssertAnswers(
            daemon,
            ("", Errno.EOPNOTSUPP),
            ("\n", Errno.EINVAL),
            (" dir /cache", Errno.EOPNOTSUPP),
            ("nonsense", Errno.EOPNOTSUPP),
            ("DIR /cache", Errno.EOPNOTSUPP),
            ("dirx", Errno.EOPNOTSUPP),
            ("dir", Errno.EINVAL),
            ("dir ", Errno.EINVAL),
            ("dir /ca\0che", Errno.EINVAL),
            ("bind ondemand", Errno.EINVAL),
            ("tag", Errno.EINVAL),
            ("secctx", Errno.EINVAL),
            ("debug", Errno.None),
            ("debug 0", Errno.None),
            ("debug 0x0", Errno.None),
            ("debug x", Errno.EINVAL),
            ("debug 0 0", Errno.EINVAL),
            ("brun", Errno.EINVAL),
            ("brun 6%", Errno.None),
            ("brun 7", Errno.EINVAL),
            ("brun %", Errno.EINVAL),
            ("brun 7%%", Errno.EINVAL),
            ("brun 5%", Errno.EINVAL),
            ("brun 100%", Errno.EINVAL),
            ("bcull 6%", Errno.EINVAL),
            ("bcull 1%", Errno.EINVAL),
            ("bcull 2%", Errno.None),
            ("bstop 2%", Errno.EINVAL),
            ("bstop 0%", Errno.None),
            ("frun 99%", Errno.None),
            ("fcull 98%", Errno.None),
            ("fcull -1%", Errno.EINVAL),
            ("fstop 97%", Errno.None),
            ("cull", Errno.EIO),
            ("cull a/b", Errno.EINVAL),
            ("cull name", Errno.EIO),
            ("inuse a/b", Errno.EINVAL),
            ("inuse name", Errno.EIO),
            ("copen", Errno.EOPNOTSUPP),
            ("copen 1,4096", Errno.EOPNOTSUPP),
            ("restore", Errno.EOPNOTSUPP),
            ("tag one", Errno.None),
            ("tag two", Errno.EEXIST),
            ("dir /nowhere", Errno.None),
            ("dir /cache", Errno.EEXIST),
            ("bind something", Errno.EINVAL),
            ("restore" + new string('\n', Environment.SystemPageSize), Errno.EOPNOTSUPP));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Every_command_after_bind_has_its_answer(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        AssertAnswers(
            daemon,
            ("dir /other", Errno.EEXIST),
            ("bind ondemand", Errno.EBUSY),
            ("bind", Errno.EBUSY),
            ("tag late", Errno.EEXIST),
            ("copen", Errno.EINVAL),
            ("copen 1", Errno.EINVAL),
            ("copen 1,4096", Errno.EINVAL),
            ("copen x,1", Errno.EINVAL),
            ("copen ,", Errno.EINVAL),
            ("copen 4294967296,0", Errno.EINVAL),
            ("cull name", Errno.ENOENT),
            ("inuse name", Errno.ENOENT),
            ("restore", Errno.None),
            ("restore\n", Errno.None),
            ("restore \n", Errno.None));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_cache_that_is_bound_without_ondemand_has_no_ondemand_verbs(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Open(kernel);
        AssertAnswers(daemon, ($"dir {kernel.CacheDirectory}", Errno.None), ("bind", Errno.None), ("restore", Errno.EOPNOTSUPP), ("copen 1,0", Errno.EOPNOTSUPP));
    }

    /// <summary>None of these bits makes a kernel print anything.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task The_debug_mask_is_what_was_written_last(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Open(kernel);
        foreach ((var text, var expected, var mask) in new (string, Errno, uint)[]
        {
            (" 8", Errno.None, 8),
            (" 0x10", Errno.None, 16),
            (" 0x", Errno.EINVAL, 16),
            (" 8x", Errno.EINVAL, 16),
            (" 08", Errno.EINVAL, 16),
            (" 010", Errno.None, 8),
            ("", Errno.None, 0),
        })
        {
            Assert.Equal((text, expected), (text, daemon.Command("debug" + text)));
            Assert.Equal((text, mask), (text, kernel.DebugMask));
        }
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Limits_context_and_debug_mask_of_the_options_reach_the_kernel_and_the_cache_is_served(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(100_000);
        await using (EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image), Typed))
        {
            Assert.Equal(16u, kernel.DebugMask);
            await (await kernel.MountAsync(image)).VerifyAsync(0, 100_000);
            Assert.Empty(daemon.Faults);
        }
        using HandDaemon next = HandDaemon.Open(kernel);
        Assert.Equal(Errno.None, next.Command("debug 0"));

        static OndemandOptions Typed(OndemandOptions options) => options with
        {
            Limits = new() { StopBlocksPercent = 2, CullBlocksPercent = 3, RunBlocksPercent = 4, StopFilesPercent = 0 },
            SecurityContext = "unconfined",
            DebugMask = 16,
        };
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 03", "erofs-utils 003")]
    public async Task A_daemon_with_another_tag_finds_the_same_cache(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(100_000);
        var source = new BlobSource(image);
        foreach (var tag in (string[])["first", "second"])
        {
            await using (EngineDaemon.Start(kernel, source, o => o with { Tag = tag }))
            {
                ContractMount mount = await kernel.MountAsync(image);
                await mount.VerifyAsync(0, 100_000);
                await mount.UnmountAsync();
                await kernel.GetsFileAsync(image.Blobs[0]);
            }
            await kernel.ForgetsAsync(tag);
        }
        Assert.Equal(100_000, source.Fetches.Sum(f => f.Range.Length));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_device_that_is_held_or_of_which_a_descriptor_is_open_is_busy(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Assert.Equal(Errno.EBUSY, Assert.Throws<ErrnoException>(() => HandDaemon.Open(kernel)).Errno);
        Image image = ContractKernel.NewImage(8192);
        (_, var id) = await daemon.MountAsync(image);
        daemon.Device.Dispose();
        Assert.Equal(Errno.EBUSY, Assert.Throws<ErrnoException>(() => HandDaemon.Open(kernel)).Errno);
        daemon.Files[id].Dispose();
        using HandDaemon next = HandDaemon.Bind(kernel);
    }

    private static void AssertAnswers(HandDaemon daemon, params (string Command, Errno Expected)[] rows)
        => Assert.Equal(
            rows.Select(r => $"{r.Command[..Math.Min(r.Command.Length, 30)]}: {r.Expected}"),
            rows.Select(r => $"{r.Command[..Math.Min(r.Command.Length, 30)]}: {daemon.Command(r.Command)}"));
}
