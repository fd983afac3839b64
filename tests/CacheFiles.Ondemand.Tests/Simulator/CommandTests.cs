using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>The simulated device answers commands as the kernel does.</summary>
public sealed class CommandTests
{
    private readonly SimulatedKernel _kernel = new();

    [Theory]
    [InlineData("", Errno.EOPNOTSUPP)]
    [InlineData("\n", Errno.EINVAL)]
    [InlineData(" dir /cache", Errno.EOPNOTSUPP)]
    [InlineData("nonsense", Errno.EOPNOTSUPP)]
    [InlineData("dir", Errno.EINVAL)]
    [InlineData("dir /ca\0che", Errno.EINVAL)]
    [InlineData("bind ondemand", Errno.EINVAL)]
    [InlineData("tag", Errno.EINVAL)]
    [InlineData("secctx", Errno.EINVAL)]
    [InlineData("debug 7", Errno.None)]
    [InlineData("debug 0x1f", Errno.None)]
    [InlineData("debug x", Errno.EINVAL)]
    [InlineData("brun 6%", Errno.None)]
    [InlineData("brun 7", Errno.EINVAL)]
    [InlineData("brun %", Errno.EINVAL)]
    [InlineData("brun 5%", Errno.EINVAL)]
    [InlineData("brun 100%", Errno.EINVAL)]
    [InlineData("bcull 7%", Errno.EINVAL)]
    [InlineData("bcull 1%", Errno.EINVAL)]
    [InlineData("bstop 5%", Errno.EINVAL)]
    [InlineData("fstop 0%", Errno.None)]
    [InlineData("fcull -1%", Errno.EINVAL)]
    [InlineData("cull a/b", Errno.EINVAL)]
    [InlineData("cull name", Errno.EIO)]
    [InlineData("inuse name", Errno.EIO)]
    [InlineData("copen 1,4096", Errno.EOPNOTSUPP)]
    [InlineData("restore", Errno.EOPNOTSUPP)]
    public void Before_bind(string command, Errno expected)
    {
        using var daemon = new HandDaemon(_kernel, bound: false);
        Assert.Equal(expected, daemon.Command(command));
    }

    [Theory]
    [InlineData("dir /other", Errno.EEXIST)]
    [InlineData("bind ondemand", Errno.EBUSY)]
    [InlineData("copen 1,4096", Errno.EINVAL)]
    [InlineData("copen 1", Errno.EINVAL)]
    [InlineData("copen x,1", Errno.EINVAL)]
    [InlineData("copen ", Errno.EINVAL)]
    [InlineData("cull name", Errno.ENOENT)]
    [InlineData("inuse name", Errno.ENOENT)]
    [InlineData("restore", Errno.None)]
    [InlineData("restore\n", Errno.None)]
    public void After_bind(string command, Errno expected)
    {
        using var daemon = new HandDaemon(_kernel);
        Assert.Equal(expected, daemon.Command(command));
    }

    [Fact]
    public void A_command_as_long_as_a_page_is_refused()
    {
        using var daemon = new HandDaemon(_kernel);
        Assert.Equal(Errno.EOPNOTSUPP, daemon.Command("restore" + new string('\n', Environment.SystemPageSize)));
    }

    [Fact]
    public void Bind_knows_no_other_argument()
    {
        using var daemon = new HandDaemon(_kernel, bound: false);
        Assert.Equal(Errno.None, daemon.Command("dir /cache"));
        Assert.Equal(Errno.EINVAL, daemon.Command("bind something"));
        Assert.Equal(Errno.None, daemon.Command("tag one"));
        Assert.Equal(Errno.EEXIST, daemon.Command("tag two"));
        Assert.Equal(Errno.None, daemon.Command("bind"));
        Assert.Equal(Errno.EOPNOTSUPP, daemon.Command("restore"));
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData("copen {0},4096x", Errno.EINVAL, Errno.ENOBUFS)]
    [InlineData("copen {0},-2", Errno.None, Errno.ENOBUFS)]
    [InlineData("copen {0},-4096", Errno.EINVAL, Errno.ENOBUFS)]
    [InlineData("copen {0},0", Errno.None, Errno.None)]
    public async Task Copen_answers_an_OPEN(string command, Errno expected, Errno mount)
    {
        using var daemon = new HandDaemon(_kernel);
        Task<SimulatedMount> mounting = _kernel.Mount();
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.Equal(("erofs,image", "image"), (open.Key!.VolumeText, open.Key.CookieText));
        Assert.Equal(expected, daemon.Command(string.Format(null, command, open.MessageId)));
        if (mount == Errno.None)
            await mounting;
        else
            await Kernels.Fails(mount, () => mounting);
        Assert.Equal(Errno.EINVAL, daemon.Device.CompleteOpen(open.MessageId, 4096));
    }

    [Fact]
    public void A_device_that_is_bound_is_busy()
    {
        using (new HandDaemon(_kernel))
            Assert.Equal(Errno.EBUSY, Assert.Throws<ErrnoException>(() => _kernel.Bind(Daemon.Options)).Errno);
        using var next = new HandDaemon(_kernel);
    }

    [Fact]
    public async Task Any_limits_that_are_in_order_can_be_set()
    {
        Random random = Seed.Random();
        for (var i = 0; i < 200; i++)
        {
            int[] percent = [.. Enumerable.Range(0, 100).OrderBy(_ => random.Next()).Take(3).Order()];
            var limits = new CullLimits
            {
                StopBlocksPercent = percent[0],
                CullBlocksPercent = percent[1],
                RunBlocksPercent = percent[2],
                StopFilesPercent = percent[0],
                CullFilesPercent = percent[1],
                RunFilesPercent = percent[2],
            };
            await _kernel.Bind(Daemon.Options with { Limits = limits }).DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_option_reaches_the_device_in_the_order_that_it_takes()
    {
        OndemandOptions options = Daemon.Options with { Tag = "tag", SecurityContext = "context", DebugMask = 3, Limits = new() };
        await _kernel.Bind(options).DisposeAsync();
        foreach (KernelVerb verb in (KernelVerb[])[KernelVerb.OpenDevice, KernelVerb.Bind, KernelVerb.Command])
        {
            _kernel.Faults.Fail(verb, Errno.EPERM);
            Assert.Equal(Errno.EPERM, Assert.Throws<ErrnoException>(() => _kernel.Bind(options)).Errno);
            Assert.Equal(0, _kernel.OpenDescriptors);
        }
    }
}
