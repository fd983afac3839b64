using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A kernel that takes no bytes, or no completion.</summary>
public sealed class WriteFailureTests
{
    [Theory(Timeout = Bounded.Test)]
    [InlineData(Errno.ENOSPC)]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.EIO)]
    [InlineData(Errno.EBADF)]
    public async Task A_write_that_is_refused_is_EIO_and_a_fault(Errno errno)
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await kernel.Mount();
        kernel.Faults.Fail(KernelVerb.Write, errno, times: 2);
        await mount.FailsToRead(65_536, 65_536);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Write, errno), (fault.Source, Assert.IsType<ErrnoException>(fault.Exception).Errno));
        Assert.Equal(new ByteRange(65_536, 65_536), fault.Range);
        Assert.Equal(FaultSource.Write, (await daemon.NextFaultAsync()).Source);
        await mount.Verify(65_536, 65_536);
        Assert.Empty(daemon.Faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_full_disk_fails_reads_until_there_is_room()
    {
        var kernel = new SimulatedKernel(new() { CapacityBytes = 1 << 20 });
        MemorySource source = new MemorySource("first", 1 << 20).Add("second", 1 << 20);
        await using Daemon daemon = Daemon.Start(kernel, source);
        SimulatedMount first = await kernel.Mount("first");
        SimulatedMount second = await kernel.Mount("second");
        await first.Verify(0, 900_000);
        await second.FailsToRead(131_072, 200_000);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal(FaultSource.Write, fault.Source);
        Assert.Contains("free space", fault.Exception!.Message, StringComparison.Ordinal);
        Assert.True(kernel.IsCullWanted);
        await first.UnmountAsync(Bounded.Token);
        Assert.Equal(CullResult.NotCached, await daemon.Cache.CullAsync(new ObjectKey("erofs,second", "second")));
        Assert.Equal(CullResult.Culled, await daemon.Cache.CullAsync(new ObjectKey("erofs,first", "first")));
        Assert.False(kernel.IsCullWanted);
        await second.Verify(131_072, 200_000);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_completion_that_the_kernel_does_not_take_is_a_fault_and_the_stop_releases_the_reader()
    {
        var kernel = new SimulatedKernel();
        Task reader;
        await using (Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 1 << 20)))
        {
            SimulatedMount mount = await kernel.Mount();
            kernel.Faults.Fail(KernelVerb.CompleteRead, Errno.EINVAL);
            reader = mount.FailsToRead(65_536, 4096);
            Assert.Equal(FaultSource.LateCompletion, (await daemon.NextFaultAsync()).Source);
            Assert.False(reader.IsCompleted);
        }
        await Task.WhenAny(reader);
    }
}
