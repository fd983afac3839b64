using System.Diagnostics;
using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Polling;

public sealed class DevicePollerTests : IDisposable
{
    private readonly PolledPipe _pipe = new();

    public void Dispose() => _pipe.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void Time_that_runs_out_is_None(int timeout)
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal(DevicePollResult.None, _pipe.Poller.Wait(timeout));
        Assert.InRange(watch.ElapsedMilliseconds, timeout, PolledPipe.Long);
    }

    [Fact]
    public void A_request_is_told()
    {
        _pipe.Request();
        Assert.Equal(DevicePollResult.Request, _pipe.Poller.Wait(PolledPipe.Long));
    }

    [Fact]
    public void A_request_from_before_the_poller_is_told()
    {
        _pipe.Request();
        using var later = new DevicePoller(_pipe.Device, _pipe.Wake);
        Assert.Equal(DevicePollResult.Request, later.Wait(PolledPipe.Long));
    }

    [Fact]
    public void A_request_that_was_told_and_not_read_is_not_told_again_until_the_next_comes()
    {
        _pipe.Request();
        _pipe.Request();
        Assert.Equal(DevicePollResult.Request, _pipe.Poller.Wait(PolledPipe.Long));
        Assert.Equal(DevicePollResult.None, _pipe.Poller.Wait(0));
        _pipe.Request();
        Assert.Equal(DevicePollResult.Request, _pipe.Poller.Wait(PolledPipe.Long));
    }

    [Fact]
    public void A_device_that_hangs_up_is_Lost()
    {
        _pipe.Kernel.Dispose();
        Assert.Equal(DevicePollResult.Lost, _pipe.Poller.Wait(PolledPipe.Long));
    }

    [Fact]
    public void A_request_and_a_loss_are_told_together()
    {
        _pipe.Request();
        _pipe.Kernel.Dispose();
        Assert.Equal(DevicePollResult.Request | DevicePollResult.Lost, _pipe.Poller.Wait(PolledPipe.Long));
    }

    [Fact]
    public void A_device_that_can_be_written_wants_culling()
    {
        var (device, kernel) = StandIn.Device();
        using (device)
        using (kernel)
        {
            using var poller = new DevicePoller(device, _pipe.Wake);
            Assert.Equal(DevicePollResult.CullWanted, poller.Wait(PolledPipe.Long));
            Native.Send(kernel, Messages.Read());
            Assert.Equal(DevicePollResult.Request | DevicePollResult.CullWanted, poller.Wait(PolledPipe.Long));
        }
    }

    [Fact]
    public void A_request_and_the_wake_event_are_both_told_one_by_one()
    {
        _pipe.Request();
        _pipe.Wake.Set();
        Assert.Equal([DevicePollResult.Request, DevicePollResult.Woken], new[] { _pipe.Poller.Wait(PolledPipe.Long), _pipe.Poller.Wait(PolledPipe.Long) }.Order());
        Assert.Equal(DevicePollResult.Woken, _pipe.Poller.Wait(PolledPipe.Long));
    }

    [Fact]
    public void A_poller_is_close_on_exec() => Assert.True(Descriptors.IsCloseOnExec(_pipe.Poller.Number()));

    [Fact]
    public void A_device_that_cannot_be_polled_is_an_error_and_leaks_no_descriptor()
    {
        using var file = new TempFile();
        using DeviceHandle device = file.Handle.AsDevice();
        var before = Descriptors.CountOf(_pipe.Poller.Target());
        ErrnoException failure = Assert.Throws<ErrnoException>(() => new DevicePoller(device, _pipe.Wake).Dispose());
        Assert.Equal((Errno.EPERM, "epoll_ctl()"), (failure.Errno, failure.Operation));
        Assert.Equal(before, Descriptors.CountOf(_pipe.Poller.Target()));
    }

    [Fact]
    public void A_poller_of_nothing_is_refused_and_leaks_no_descriptor()
    {
        var before = Descriptors.CountOf(_pipe.Poller.Target());
        Assert.Throws<ArgumentNullException>(() => new DevicePoller(null!, _pipe.Wake).Dispose());
        Assert.Throws<ArgumentNullException>(() => new DevicePoller(_pipe.Device, null!).Dispose());
        Assert.Equal(before, Descriptors.CountOf(_pipe.Poller.Target()));
    }
}
