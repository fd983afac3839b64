using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A kernel that takes no bytes, or no completion.</summary>
public sealed class WriteFailureTests
{
    [Theory(Timeout = Bounded.Test)]
    [InlineData(Errno.ENOSPC, 2)]
    [InlineData(Errno.ENOBUFS, 2)]
    [InlineData(Errno.EIO, 1)]
    [InlineData(Errno.EBADF, 1)]
    public async Task A_write_that_is_refused_is_EIO_and_a_fault(Errno errno, int tries)
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await kernel.Mount();
        // The kernel asks once more for the page alone; and what looks like a full disk we try again.
        kernel.Faults.Fail(KernelVerb.Write, errno, times: 2 * tries);
        await mount.FailsToRead(65_536, 65_536);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Write, errno), (fault.Source, Assert.IsType<ErrnoException>(fault.Exception).Errno));
        Assert.Equal(new ByteRange(65_536, 65_536), fault.Range);
        Assert.Equal(FaultSource.Write, (await daemon.NextFaultAsync()).Source);
        await mount.Verify(65_536, 65_536);
        Assert.Empty(daemon.Faults);
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
