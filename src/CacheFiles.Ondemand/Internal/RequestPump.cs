using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Reads requests from the device and hands them to a sink.</summary>
/// <remarks>
/// Several threads may wait for the device. The kernel calls one of them per change, the one that came last and so is warm; it reads until
/// nothing is pending, and serves each READ before it reads the next: a hop to another thread costs more than serving from a local file.
/// A fetcher that blocks does not keep the others waiting for long: see <see cref="PumpGuard"/>.
/// </remarks>
internal sealed class RequestPump : IDisposable
{
    // Reading keeps failing: the device is lost, not merely a request.
    private const int MaxConsecutiveErrors = 32;

    // How soon it is noticed that the kernel has given the cache up: it tells nobody.
    private const int BeatMilliseconds = 2000;

    private readonly Session _session;
    private readonly IRequestSink _sink;
    private readonly Thread[] _threads;
    private readonly PumpGuard _guard;
    private readonly Timer _beat;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reading;
    private volatile bool _stop;
    private Exception? _failure;

    internal RequestPump(Session session, IRequestSink sink, int threads)
    {
        _session = session;
        _sink = sink;
        _reading = threads;
        _threads = new Thread[threads];
        var turns = new PumpGuard.Turn[threads];
        for (var i = 0; i < threads; i++)
        {
            PumpGuard.Turn turn = turns[i] = new();
            _threads[i] = new Thread(() => Run(turn)) { IsBackground = true, Name = $"cachefiles pump {i}" };
        }
        _guard = new PumpGuard(turns, Relieve);
        _beat = new Timer(_ => LookForCache(), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Completes when no thread reads any more; faulted where the device failed. One may still be serving the READ that it had read.</summary>
    internal Task Ended => _ended.Task;

    internal void Start()
    {
        foreach (Thread thread in _threads)
            thread.Start();
        _guard.Start();
        _beat.Change(BeatMilliseconds, BeatMilliseconds);
    }

    /// <summary>Waits for the end, and stops when one of two tokens fires. It throws what the device failed with.</summary>
    internal async Task RunAsync(CancellationToken first, CancellationToken second)
    {
        await using (first.UnsafeRegister(static p => ((RequestPump)p!).Stop(), this).ConfigureAwait(false))
        await using (second.UnsafeRegister(static p => ((RequestPump)p!).Stop(), this).ConfigureAwait(false))
            await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Stops reading. What the kernel still has queued stays queued.</summary>
    internal void Stop()
    {
        _stop = true;
        _session.Device.Wake();
        _guard.Stop();
        if (Volatile.Read(ref _reading) == 0)
            End();
    }

    public void Dispose() => _beat.Dispose();

    private void Run(PumpGuard.Turn turn)
    {
        try
        {
            var buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
            while (Drain(buffer, turn) && !_stop)
            {
                DevicePollResult result = _session.Device.Wait();
                if ((result & DevicePollResult.CullWanted) != 0)
                    _session.Culler.KernelWants();
                if ((result & DevicePollResult.Lost) != 0)
                    throw new ErrnoException(Errno.EIO, "poll(device)", "The device was closed underneath");
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }
        LeaveReading();
    }

    /// <summary>Reads what is pending for threads that are held up.</summary>
    private void Relieve()
    {
        Interlocked.Increment(ref _reading);
        try
        {
            Drain(new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE], turn: null);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        LeaveReading();
    }

    /// <summary>After an error of the cache's file system the kernel sends nothing any more, and poll says nothing of it; but every command is EIO,
    /// and so is that of no bytes.</summary>
    private void LookForCache()
    {
        if (_stop || _session.Device.Command([]) != Errno.EIO)
            return;
        var failure = new ErrnoException(
            Errno.EIO, "write(device)", "The kernel has given the cache up after an error of its file system, of which its log tells: bind anew, and mount anew what is mounted");
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null)
            return;
        // Told before serving ends.
        _session.Report(new OndemandFault(FaultSource.Device, "the cache is dead", Exception: failure));
        Stop();
    }

    private void Fail(Exception e)
    {
        Interlocked.CompareExchange(ref _failure, e, null);
        Stop();
    }

    private void LeaveReading()
    {
        if (Interlocked.Decrement(ref _reading) == 0 && _stop)
            End();
    }

    private void End()
    {
        if (_failure is null)
            _ended.TrySetResult();
        else
            _ended.TrySetException(_failure);
    }

    /// <summary>Reads until nothing is pending.</summary>
    /// <param name="buffer">For a message.</param>
    /// <param name="turn">The thread, if it serves READs; null leaves that to the thread pool.</param>
    /// <returns>False where the pump was stopped.</returns>
    private bool Drain(byte[] buffer, PumpGuard.Turn? turn)
    {
        var errors = 0;
        while (!_stop)
        {
            Errno error = _session.Device.TryRead(buffer, out var length, out IKernelObject? opened);
            if (error != Errno.None)
            {
                // The kernel has failed this one request where it had no descriptor or memory for an OPEN; that may go on and is not the end.
                var failure = new ErrnoException(error, "read(device)", error == Errno.EMFILE ? "Raise RLIMIT_NOFILE: each open object takes a descriptor" : null);
                _session.Report(new OndemandFault(FaultSource.Device, "a request could not be read", Exception: failure));
                if (error is not (Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.EEXIST) && ++errors == MaxConsecutiveErrors)
                    throw failure;
                continue;
            }
            errors = 0;
            if (length == 0)
                break;
            Message message = Message.Decode(buffer.AsSpan(0, length));
            if (message.Problem is not null)
                Refuse(message, opened);
            else if (opened is not null)
                _sink.OnOpen(message.Header.MsgId, message.Header.ObjectId, new ObjectKey(message.Volume, message.Cookie), opened);
            else if (message.Header.Opcode == CacheFilesUapi.CACHEFILES_OP_READ)
            {
                IThreadPoolWorkItem? work = _sink.OnRead(message.Header.MsgId, message.Header.ObjectId, message.Range);
                if (work is not null && turn is not null)
                    Serve(work, turn);
                else if (work is not null)
                    ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
            }
            else if (message.Header.Opcode == CacheFilesUapi.CACHEFILES_OP_CLOSE)
                _sink.OnClose(message.Header.MsgId, message.Header.ObjectId);
            else
                _session.Report(new OndemandFault(FaultSource.Message, $"OPEN {message.Header.MsgId} has no descriptor"));
        }
        return !_stop;
    }

    private void Serve(IThreadPoolWorkItem work, PumpGuard.Turn turn)
    {
        turn.Change();
        // While it serves it does not read: a fetcher that blocks for ever does not keep the pump from ending.
        LeaveReading();
        _guard.Watch();
        try
        {
            work.Execute();
        }
        finally
        {
            Interlocked.Increment(ref _reading);
            turn.Change();
        }
    }

    /// <summary>Releases whoever waits for a message that cannot be understood, as far as it says who that is.</summary>
    private void Refuse(in Message message, IKernelObject? opened)
    {
        _session.Report(new OndemandFault(FaultSource.Message, message.Problem!));
        if (opened is not null)
            _session.RefuseOpen(message.Header.MsgId, opened, Errno.EIO);
        else if (message.Header.Opcode == CacheFilesUapi.CACHEFILES_OP_READ)
            _sink.OnBadRead(message.Header.MsgId, message.Header.ObjectId);
    }
}
