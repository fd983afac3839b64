using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>Fetches are bounded in number and in bytes.</summary>
public sealed class LimitTests
{
    private readonly SimulatedKernel _kernel = new();

    [Theory(Timeout = Bounded.Test)]
    [InlineData(1, 1 << 30, 1)]
    [InlineData(3, 1 << 30, 3)]
    [InlineData(100, 1 << 20, 8)] // a buffer for 128 KiB each
    public async Task No_more_fetches_run_at_once_than_the_options_allow(int maxCount, int maxBytes, int expected)
    {
        const int readers = 24;
        var gate = new Gate();
        var arrived = 0;
        var source = new MemorySource("image", 16 << 20)
        {
            Before = (range, ct) =>
            {
                if (range.Offset == 0)
                    return Task.CompletedTask;
                if (Interlocked.Increment(ref arrived) == expected)
                    gate.Open();
                return gate.Pass(ct);
            },
        };
        OndemandOptions options = Daemon.Options with { MaxConcurrentFetches = maxCount, MaxBufferedBytes = maxBytes };
        await using Daemon daemon = Daemon.Start(_kernel, source, options);
        SimulatedMount mount = await _kernel.Mount();
        await Task.WhenAll(Enumerable.Range(1, readers).Select(i => mount.Verify(i * 131_072, 131_072)));
        Assert.Equal(expected, source.MostRunning);
        Assert.Empty(daemon.Faults);
    }
}
