using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>Readers get the bytes of the source.</summary>
public sealed class ServeTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_reader_gets_the_bytes_of_the_source()
    {
        await using (Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 1_000_000)))
        {
            SimulatedMount mount = await _kernel.Mount();
            await mount.Verify(12_345, 500_000);
            await mount.UnmountAsync(Bounded.Token);
            Assert.Empty(daemon.Faults);
        }
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Open_objects_are_listed_with_what_of_them_is_cached()
    {
        OndemandCache cache;
        await using (Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 100_001)))
        {
            cache = daemon.Cache;
            Assert.Empty(await cache.ListOpenAsync());
            SimulatedMount mount = await _kernel.Mount();
            Assert.Equal(new OpenObject(new ObjectKey("erofs,image", "image"), 100_001, 4096), Assert.Single(await cache.ListOpenAsync()));
            await mount.Verify(50_000, 1);
            Assert.Equal(8192, (await cache.ListOpenAsync())[0].CachedBytes);
            await mount.Verify(0, 100_001);
            Assert.Equal(100_001, (await cache.ListOpenAsync())[0].CachedBytes);
            await mount.UnmountAsync(Bounded.Token);
            while ((await cache.ListOpenAsync()).Count > 0)
                await Task.Delay(1, Bounded.Token);
        }
        Assert.Empty(await cache.ListOpenAsync());
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(131_073)]
    [InlineData(1_000_000)]
    public async Task A_blob_of_any_length_is_read_to_its_last_byte(int length)
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", length));
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(0, length);
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(1)]
    [InlineData(10_000)]
    public async Task What_is_left_of_the_last_page_is_zero(int length)
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", length));
        SimulatedMount mount = await _kernel.Mount();
        var rest = 4096 - length % 4096;
        Assert.Equal(new byte[rest], await mount.Read(length, rest));
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_that_spans_the_end_brings_what_there_is()
    {
        var source = new MemorySource("image", 10_000);
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(8_192, 100_000);
        await mount.Verify(0, 10_000);
        Assert.All(source.Fetches, f => Assert.InRange(f.Range.End, 1, 10_000));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_behind_the_end_is_released_and_reported()
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 10_000));
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(40_960, 4096);
        Assert.Equal(FaultSource.Message, (await daemon.NextFaultAsync()).Source);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task An_empty_blob_can_be_mounted()
    {
        var source = new MemorySource("image", 0);
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        await mount.FailsToRead(0, 1);
        await mount.UnmountAsync(Bounded.Token);
        Assert.Empty(source.Fetches);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Offsets_are_not_cut_off_at_four_gigabytes()
    {
        const long length = (5L << 30) + 123;
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", length));
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(length - 100_000, 100_000);
        await mount.Verify((4L << 30) - 5000, 10_000);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_blob_that_the_source_does_not_have_cannot_be_mounted()
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource());
        await Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
        Assert.Empty(daemon.Faults);
        Assert.Equal(1, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_was_cached_before_is_not_fetched_again_after_a_restart()
    {
        SimulatedMount mount;
        await using (Daemon.Start(_kernel, new MemorySource("image", 300_000)))
        {
            mount = await _kernel.Mount();
            await mount.Verify(0, 200_000);
        }
        await mount.UnmountAsync(Bounded.Token);
        var source = new MemorySource("image", 300_000);
        await using (Daemon.Start(_kernel, source))
        {
            mount = await _kernel.Mount();
            await mount.Verify(0, 200_000);
            Assert.Empty(source.Fetches);
            await mount.Verify(200_000, 100_000);
            Assert.Equal(50 * 4096, source.Fetches.Min(f => f.Range.Offset) + 4096);
        }
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Mounts_of_a_domain_share_a_blob()
    {
        MemorySource source = new MemorySource("blob", 200_000).Add("first", 4096).Add("second", 4096);
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount first = await _kernel.Mount("first", "domain", "blob");
        SimulatedMount second = await _kernel.Mount("second", "domain", "blob");
        await first.Verify(0, 100_000, "blob");
        await second.Verify(0, 100_000, "blob");
        await first.UnmountAsync(Bounded.Token);
        await second.Verify(100_000, 100_000, "blob");
        Assert.Equal(3, _kernel.Sent.Opens);
        Assert.Equal(200_000, source.Fetches.Where(f => f.Blob == "blob").Sum(f => f.Range.Length));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Two_thousand_objects_can_be_open_at_once()
    {
        const int count = 2000;
        string[] blobs = [.. Enumerable.Range(0, count).Select(i => $"blob{i}")];
        var source = new MemorySource("image", 4096);
        foreach (var blob in blobs)
            source.Add(blob, 5000);
        await using (Daemon daemon = Daemon.Start(_kernel, source))
        {
            SimulatedMount mount = await _kernel.Mount("image", "domain", blobs);
            foreach (var blob in blobs)
                await mount.Verify(100, 4800, blob);
            Assert.Equal(count + 2, _kernel.OpenDescriptors);
            await mount.UnmountAsync(Bounded.Token);
            await Bounded.Until(() => _kernel.OpenDescriptors == 1, "every object is closed");
            Assert.Equal(count + 1, source.Closed.Count);
            Assert.Empty(daemon.Faults);
        }
    }
}
