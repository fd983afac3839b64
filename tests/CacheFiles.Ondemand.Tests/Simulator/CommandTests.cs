using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>The simulated device answers commands as the kernel does.</summary>
public sealed class CommandTests
{
    private readonly SimulatedKernel _kernel = new();

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
