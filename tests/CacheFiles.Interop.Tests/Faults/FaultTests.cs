using CacheFiles.Interop.Tests.Polling;
using CacheFiles.Interop.Tests.Support;
using static CacheFiles.Interop.Tests.Faults.FaultPlan;

namespace CacheFiles.Interop.Tests.Faults;

/// <summary>Faults that an ordinary descriptor does not have.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_read_that_a_signal_ends_is_made_again() => FaultyLibc.Run(() =>
    {
        using var file = new TempFile();
        using DeviceHandle device = file.Handle.AsDevice();
        Reset();
        Fail(Call.Read, Errno.EINTR, times: 3);
        Assert.Equal(Errno.None, device.TryRead(new byte[64], out _, out _));
        Assert.Equal(4, Count(Call.Read));
    });

    [Fact]
    public void What_the_device_answers_to_a_read_is_a_value() => FaultyLibc.Run(() =>
    {
        using var file = new TempFile();
        using DeviceHandle device = file.Handle.AsDevice();
        foreach (Errno error in new[] { Errno.EMSGSIZE, Errno.EMFILE, Errno.EIO })
        {
            Reset();
            Fail(Call.Read, error);
            Assert.Equal(error, device.TryRead(new byte[64], out var length, out ObjectHandle? opened));
            Assert.Equal(0, length);
            Assert.Null(opened);
            Assert.Equal(1, Count(Call.Read));
        }
    });

    [Fact]
    public void A_command_that_a_signal_ends_is_made_again_whole() => FaultyLibc.Run(() =>
    {
        var (device, kernel) = StandIn.Device();
        using (device)
        using (kernel)
        {
            Reset();
            Fail(Call.Write, Errno.EINTR, times: 3);
            device.Command("tag one");
            Assert.Equal([(0, 7), (0, 7), (0, 7), (0, 7)], Asked(Call.Write));
            Assert.Equal("tag one"u8.ToArray(), Native.TakePacket(kernel));
            Assert.Null(Native.TakePacket(kernel));
        }
    });

    [Fact]
    public void A_command_that_the_kernel_refuses_says_what_can_be_done() => FaultyLibc.Run(() =>
    {
        var (device, kernel) = StandIn.Device();
        using (device)
        using (kernel)
        {
            Reset();
            Fail(Call.Write, Errno.EINVAL);
            ErrnoException failure = Assert.Throws<ErrnoException>(() => device.Command("bind ondemand"));
            Assert.Equal(Errno.EINVAL, failure.Errno);
            Assert.Contains("CONFIG_CACHEFILES_ONDEMAND", failure.Message, StringComparison.Ordinal);
            Fail(Call.Write, Errno.EINVAL);
            Assert.Equal(Errno.EINVAL, device.TryCompleteOpen(1, 4096));
        }
    });

    [Fact]
    public void A_completion_that_a_signal_ends_is_made_again() => FaultyLibc.Run(() =>
    {
        using var file = new TempFile();
        using ObjectHandle handle = file.AsObject();
        Reset();
        Fail(Call.Ioctl, Errno.EINTR, times: 3);
        Assert.Equal(Errno.ENOTTY, handle.TryCompleteRead(1));
        Assert.Equal(4, Count(Call.Ioctl));
    });

    [Fact]
    public void A_descriptor_is_closed_once_whatever_close_answers() => FaultyLibc.Run(() =>
    {
        using var file = new TempFile();
        foreach (Errno error in new[] { Errno.EINTR, Errno.EIO })
        {
            ObjectHandle handle = file.AsObject();
            var fd = handle.Number();
            Reset();
            Fail(Call.Close, error);
            handle.Dispose();
            handle.Dispose();
            Assert.Equal(1, Count(Call.Close));
            Assert.False(Descriptors.IsOpen(fd));
        }
    });

    [Fact]
    public void Where_no_descriptor_is_free_neither_an_event_nor_a_poller_is_made() => FaultyLibc.Run(() =>
    {
        var (device, kernel) = StandIn.Device();
        using (device)
        using (kernel)
        {
            Reset();
            Fail(Call.EventFd, Errno.EMFILE);
            ErrnoException failure = Assert.Throws<ErrnoException>(() => new WakeEvent().Dispose());
            Assert.Equal((Errno.EMFILE, "eventfd()"), (failure.Errno, failure.Operation));
            using var wake = new WakeEvent();
            Fail(Call.EpollCreate, Errno.EMFILE);
            failure = Assert.Throws<ErrnoException>(() => new DevicePoller(device, wake).Dispose());
            Assert.Equal((Errno.EMFILE, "epoll_create1()"), (failure.Errno, failure.Operation));
            Assert.Equal(0, Count(Call.Close));
        }
    });

    [Fact]
    public void An_event_whose_counter_is_at_its_limit_is_set_and_no_other_failure_is_hidden() => FaultyLibc.Run(() =>
    {
        using var wake = new WakeEvent();
        Reset();
        Fail(Call.Write, Errno.EAGAIN);
        wake.Set();
        Fail(Call.Write, Errno.EIO);
        Assert.Equal(Errno.EIO, Assert.Throws<ErrnoException>(wake.Set).Errno);
    });

    [Fact]
    public void A_wait_that_fails_throws() => FaultyLibc.Run(() =>
    {
        using var pipe = new PolledPipe();
        Reset();
        Fail(Call.EpollWait, Errno.EINTR);
        Fail(Call.EpollWait, Errno.EBADF);
        ErrnoException failure = Assert.Throws<ErrnoException>(() => pipe.Poller.Wait(PolledPipe.Long));
        Assert.Equal((Errno.EBADF, "epoll_wait()"), (failure.Errno, failure.Operation));
        Assert.Equal(2, Count(Call.EpollWait));
    });
}
