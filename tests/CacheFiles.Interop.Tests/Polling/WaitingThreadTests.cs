using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Polling;

public sealed class WaitingThreadTests : IDisposable
{
    private readonly PolledPipe _pipe = new();

    public void Dispose() => _pipe.Dispose();

    [Fact]
    public void One_request_wakes_one_of_two_waiting_threads()
    {
        Worker<DevicePollResult>[] waiting = [_pipe.Waiter(), _pipe.Waiter()];
        _pipe.Request();
        Assert.True(SpinWait.SpinUntil(() => waiting.Any(worker => worker.Ended(TimeSpan.Zero)), Worker<int>.Patience));
        _pipe.Wake.Set();
        Assert.Equal(
            [DevicePollResult.Request, DevicePollResult.Woken],
            waiting.Select(worker => worker.Result).Order());
    }

    [Fact]
    public void The_thread_that_came_last_is_called_first()
    {
        Worker<DevicePollResult> first = _pipe.Waiter();
        Worker<DevicePollResult> second = _pipe.Waiter();
        _pipe.Request();
        Assert.Equal(DevicePollResult.Request, second.Result);
        Assert.False(first.Ended(TimeSpan.Zero));
        _pipe.Request();
        Assert.Equal(DevicePollResult.Request, first.Result);
    }

    [Fact]
    public void A_device_that_hangs_up_wakes_a_waiting_thread()
    {
        Worker<DevicePollResult> waiter = _pipe.Waiter();
        _pipe.Kernel.Dispose();
        Assert.Equal(DevicePollResult.Lost, waiter.Result);
    }

    [Fact]
    public void Disposing_under_a_waiting_thread_leaves_it_waiting_until_it_is_woken()
    {
        Worker<DevicePollResult> waiter = _pipe.Waiter();
        var fd = _pipe.Poller.Number();
        var epoll = _pipe.Poller.Target();
        _pipe.Poller.Dispose();
        Assert.Equal(epoll, Descriptors.Target(fd));
        _pipe.Wake.Set();
        Assert.Equal(DevicePollResult.Woken, waiter.Result);
    }
}
