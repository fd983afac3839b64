using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Polling;

public sealed class WakeEventTests : IDisposable
{
    private readonly PolledPipe _pipe = new();

    public void Dispose() => _pipe.Dispose();

    [Fact]
    public void An_event_that_is_not_set_wakes_nobody() => Assert.Equal(DevicePollResult.None, _pipe.Poller.Wait(0));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public void However_often_it_is_set_all_waiting_threads_wake_and_so_do_later_ones(int times)
    {
        Worker<DevicePollResult>[] waiting = [_pipe.Waiter(), _pipe.Waiter(), _pipe.Waiter(), _pipe.Waiter()];
        for (var i = 0; i < times; i++)
            _pipe.Wake.Set();
        Assert.All(waiting, worker => Assert.Equal(DevicePollResult.Woken, worker.Result));
        Assert.Equal(DevicePollResult.Woken, _pipe.Poller.Wait(0));
        Assert.Equal(DevicePollResult.Woken, _pipe.Poller.Wait(PolledPipe.Long));
    }

    [Fact]
    public void It_wakes_the_threads_of_every_poller()
    {
        using var other = new DevicePoller(_pipe.Device, _pipe.Wake);
        _pipe.Wake.Set();
        Assert.Equal(DevicePollResult.Woken, _pipe.Poller.Wait(PolledPipe.Long));
        Assert.Equal(DevicePollResult.Woken, other.Wait(PolledPipe.Long));
    }

    [Fact]
    public void It_is_an_eventfd_that_is_close_on_exec()
    {
        Assert.Contains("eventfd", _pipe.Wake.Target(), StringComparison.Ordinal);
        Assert.True(Descriptors.IsCloseOnExec(_pipe.Wake.Number()));
    }
}
