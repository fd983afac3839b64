using System.Diagnostics;
using System.Runtime.InteropServices;
using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Polling;

/// <summary>epoll_wait(2) is ended by every signal that has a handler, whatever the handler asked for.</summary>
public sealed class InterruptedWaitTests : IDisposable
{
    // What the runtime does with a signal that somebody registered for ends the call; that the signal is ignored then does not matter.
    private readonly PosixSignalRegistration _registration = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context => context.Cancel = true);
    private readonly PolledPipe _pipe = new();

    public void Dispose()
    {
        _pipe.Dispose();
        _registration.Dispose();
    }

    [Fact]
    public void Signals_neither_end_a_wait_nor_make_it_longer()
    {
        const int Timeout = 500;
        var watch = Stopwatch.StartNew();
        var waiter = new Worker<(DevicePollResult, long)>(() => (_pipe.Poller.Wait(Timeout), watch.ElapsedMilliseconds));
        var interrupted = Interrupt(waiter, Worker<int>.Patience);
        Assert.InRange(interrupted, 2, int.MaxValue);
        var (result, elapsed) = waiter.Result;
        Assert.Equal(DevicePollResult.None, result);
        Assert.InRange(elapsed, Timeout, 10_000);
    }

    [Fact]
    public void Signals_do_not_end_a_wait_without_a_limit()
    {
        var waiter = new Worker<DevicePollResult>(() => _pipe.Poller.Wait());
        Interrupt(waiter, TimeSpan.FromMilliseconds(200));
        Assert.False(waiter.Ended(TimeSpan.Zero));
        _pipe.Request();
        Assert.Equal(DevicePollResult.Request, waiter.Result);
    }

    /// <summary>Signals the thread every few milliseconds until it ends or the time is over.</summary>
    private static int Interrupt<T>(Worker<T> waiter, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        var thread = waiter.Id;
        var signals = 0;
        while (watch.Elapsed < limit && !waiter.Ended(TimeSpan.FromMilliseconds(10)))
            signals += Native.Signal(thread, Native.SIGWINCH) ? 1 : 0;
        return signals;
    }
}
