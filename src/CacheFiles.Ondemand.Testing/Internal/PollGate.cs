using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>How threads wait for the device: as in an edge-triggered epoll, a change calls the thread that came last, and is kept where
/// none waits.</summary>
internal sealed class PollGate(object kernelLock, Func<DevicePollResult> poll)
{
    [ThreadStatic]
    private static SemaphoreSlim? t_bell;

    private readonly Stack<SemaphoreSlim> _waiting = new();
    private DevicePollResult _final;
    private bool _changed = true;

    /// <summary>How many threads wait now.</summary>
    internal int WaitingCount
    {
        get
        {
            lock (kernelLock)
                return _waiting.Count;
        }
    }

    internal DevicePollResult Wait()
    {
        SemaphoreSlim bell = t_bell ??= new SemaphoreSlim(0);
        while (true)
        {
            lock (kernelLock)
            {
                if (_final != DevicePollResult.None)
                    return _final;
                if (_changed)
                {
                    _changed = false;
                    DevicePollResult result = poll();
                    if (result != DevicePollResult.None)
                        return result;
                }
                _waiting.Push(bell);
            }
            bell.Wait();
        }
    }

    /// <summary>Something has changed.</summary>
    internal void Notify()
    {
        _changed = true;
        if (_waiting.TryPop(out SemaphoreSlim? bell))
            bell.Release();
    }

    /// <summary>Ends every wait, present and future.</summary>
    internal void End(DevicePollResult reason)
    {
        lock (kernelLock)
        {
            _final |= reason;
            while (_waiting.TryPop(out SemaphoreSlim? bell))
                bell.Release();
        }
    }
}
