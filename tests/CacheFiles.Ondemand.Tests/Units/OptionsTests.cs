using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

public sealed class OptionsTests
{
    public static TheoryData<string, OndemandOptions> Wrong { get; } = new()
    {
        { "CacheDirectory", Daemon.Options with { CacheDirectory = "" } },
        { "CacheDirectory", Daemon.Options with { CacheDirectory = "relative" } },
        { "CacheDirectory", Daemon.Options with { CacheDirectory = "/a\nb" } },
        { "CacheDirectory", Daemon.Options with { CacheDirectory = "/a\0b" } },
        { "Tag", Daemon.Options with { Tag = "" } },
        { "Tag", Daemon.Options with { Tag = "a\n" } },
        { "SecurityContext", Daemon.Options with { SecurityContext = "a\nb" } },
        { "DevicePath", Daemon.Options with { DevicePath = "" } },
        { "MaxConcurrentFetches", Daemon.Options with { MaxConcurrentFetches = 0 } },
        { "MaxBufferedBytes", Daemon.Options with { MaxBufferedBytes = (1 << 20) - 1 } },
        { "MaxReadAheadBytes", Daemon.Options with { MaxReadAheadBytes = -1 } },
        { "FetchAroundBytes", Daemon.Options with { FetchAroundBytes = -4096 } },
        { "FetchAroundBytes", Daemon.Options with { FetchAroundBytes = 1000 } },
        { "RequestDeadline", Daemon.Options with { RequestDeadline = TimeSpan.Zero } },
        { "RequestDeadline", Daemon.Options with { RequestDeadline = TimeSpan.FromSeconds(-1) } },
        { "DrainTimeout", Daemon.Options with { DrainTimeout = TimeSpan.FromMilliseconds(-1) } },
        { "Blocks", Daemon.Options with { Limits = new() { CullBlocksPercent = 7 } } },
        { "Blocks", Daemon.Options with { Limits = new() { StopBlocksPercent = -1 } } },
        { "Files", Daemon.Options with { Limits = new() { RunFilesPercent = 100 } } },
        { "Files", Daemon.Options with { Limits = new() { StopFilesPercent = 5 } } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_its_range_is_named_before_the_device_is_opened(string name, OndemandOptions options)
    {
        var kernel = new SimulatedKernel();
        kernel.Faults.Fail(KernelVerb.OpenDevice, Interop.Errno.EPERM);
        ArgumentException failure = Assert.ThrowsAny<ArgumentException>(() => kernel.Bind(options));
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Waiting_for_ever_can_be_chosen()
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 8192), Daemon.Options with { RequestDeadline = Timeout.InfiniteTimeSpan });
        await (await kernel.Mount()).Verify(0, 8192);
    }
}
