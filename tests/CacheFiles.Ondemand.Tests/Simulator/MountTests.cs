using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>Mounts of the simulated kernel.</summary>
public sealed class MountTests
{
    [Theory(Timeout = Bounded.Test)]
    [InlineData(SimulatedKernelVersion.Linux612, Errno.ENOBUFS)]
    [InlineData(SimulatedKernelVersion.Linux61, Errno.EIO)]
    public async Task A_mount_without_a_daemon_or_refused_by_one_fails_as_on_that_kernel(SimulatedKernelVersion version, Errno expected)
    {
        var kernel = new SimulatedKernel(new() { Version = version });
        await Kernels.Fails(expected, () => kernel.Mount());
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource());
        await Kernels.Fails(expected, () => kernel.Mount());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task An_image_is_mounted_once()
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 8192).Add("blob", 8192));
        SimulatedMount mount = await kernel.Mount("image", "domain", "blob");
        await Kernels.Fails(Errno.EEXIST, () => kernel.Mount("image", "domain"));
        await Kernels.Fails(Errno.EEXIST, () => kernel.Mount("blob", "domain"));
        SimulatedMount alone = await kernel.Mount("image");
        await Kernels.Fails(Errno.EBUSY, () => kernel.Mount("image"));
        await mount.UnmountAsync(Bounded.Token);
        await alone.UnmountAsync(Bounded.Token);
        await kernel.Mount("image", "domain");
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_device_that_is_named_twice_is_closed_with_its_mount()
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 8192).Add("blob", 8192));
        SimulatedMount mount = await kernel.Mount("image", null, "blob", "blob", "image");
        await mount.UnmountAsync(Bounded.Token);
        Assert.Equal((2, 2), (kernel.Sent.Opens, kernel.Sent.Closes));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_mount_that_is_given_up_is_taken_away_when_it_succeeds()
    {
        var kernel = new SimulatedKernel();
        using var daemon = new HandDaemon(kernel);
        using var impatience = new CancellationTokenSource();
        Task<SimulatedMount> mounting = kernel.MountAsync("image", cancellationToken: impatience.Token);
        HandMessage open = await daemon.TakeOpenAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mounting);
        daemon.Device.CompleteOpen(open.MessageId, 0);
        await daemon.TakeCloseAsync();
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task What_is_not_of_the_image_cannot_be_read()
    {
        var kernel = new SimulatedKernel();
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 8192));
        SimulatedMount mount = await kernel.Mount();
        await Assert.ThrowsAsync<ArgumentException>(() => mount.Read(0, 1, "other"));
        await mount.UnmountAsync(Bounded.Token);
        await mount.UnmountAsync(Bounded.Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mount.Read(0, 1));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Where_there_is_no_room_for_a_file_the_daemon_is_not_asked()
    {
        var kernel = new SimulatedKernel(new() { CapacityBytes = 100 << 12 });
        await using Daemon daemon = Daemon.Start(kernel, new MemorySource("image", 1 << 20).Add("other", 4096), Daemon.Options with
        {
            Limits = new() { StopBlocksPercent = 4 },
            RequestDeadline = TimeSpan.FromMilliseconds(200),
        });
        SimulatedMount mount = await kernel.Mount();
        await mount.Verify(0, 96 << 12);
        Assert.Equal(1, kernel.Sent.Opens);
        await mount.FailsToRead(96 << 12, 4096);
        Assert.True(kernel.IsCullWanted);
    }
}
