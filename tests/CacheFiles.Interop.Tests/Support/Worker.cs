using System.Globalization;
using System.Runtime.ExceptionServices;

namespace CacheFiles.Interop.Tests.Support;

/// <summary>A thread with a result. Nothing waits for it longer than <see cref="Patience"/>.</summary>
internal sealed class Worker<T>
{
    /// <summary>Long enough for a loaded machine: whoever waits this long has found a fault.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Thread _thread;
    private int _id;
    private T? _result;
    private ExceptionDispatchInfo? _failure;

    public Worker(Func<T> work)
    {
        _thread = new Thread(() =>
        {
            Volatile.Write(ref _id, Native.ThreadId());
            try
            {
                _result = work();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The result, once there is one; what the thread threw, if it did.</summary>
    public T Result
    {
        get
        {
            Assert.True(Ended(Patience), "The thread did not end.");
            _failure?.Throw();
            return _result!;
        }
    }

    /// <summary>The kernel's number of the thread.</summary>
    public int Id
    {
        get
        {
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _id) != 0, Patience), "The thread did not start.");
            return _id;
        }
    }

    public bool Ended(TimeSpan within) => _thread.Join(within);

    /// <summary>Returns once the thread sleeps in a call of the kernel whose first argument is this descriptor.</summary>
    public Worker<T> AsleepOn(int fd)
    {
        var path = $"/proc/self/task/{Id}/syscall";
        var argument = "0x" + fd.ToString("x", CultureInfo.InvariantCulture);
        Assert.True(SpinWait.SpinUntil(Asleep, Patience), $"The thread never slept on descriptor {fd}.");
        return this;

        // "<number of the call> <first argument> …", or "running"
        bool Asleep() => !_thread.IsAlive || File.ReadAllText(path).Split(' ') is [_, var first, ..] && first == argument;
    }
}
