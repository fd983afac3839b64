using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>One daemon.</summary>
// Its token sources have no timer, and who comes late still looks at them.
#pragma warning disable CA1001
internal sealed class Life
#pragma warning restore CA1001
{
    private const int MaxStarts = 1000;
    private readonly Session _session;
    private readonly LockedRandom _random;
    private readonly int _number;
    private readonly TaskCompletionSource _spent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private FuzzDevice? _device;
    private Task _serving = Task.CompletedTask;
    private volatile bool _killed;
    private int _messages;

    internal Life(Session session, LockedRandom random, int number)
    {
        _session = session;
        _random = random;
        _number = number;
        Ledger = new Ledger(session.Plan, session.Fail, session.Lose);
    }

    internal Ledger Ledger { get; }

    internal OndemandCache? Cache { get; private set; }

    private Plan Plan => _session.Plan;

    /// <summary>Comes between the device and the daemon.</summary>
    internal FuzzDevice Attach(IKernelDevice device) => _device = new FuzzDevice(device, Plan, Ledger, _random, Delivered);

    /// <summary>Binds, or takes over what was kept, and serves.</summary>
    /// <returns>False where the kernel has refused that again and again.</returns>
    internal bool TryStart(bool isKept)
    {
        OndemandOptions options = Plan.Options with
        {
            CacheDirectory = $"/cache{(_random.Next(6) == 0 ? 0 : _number)}",
            OnFault = Ledger.NoteFault,
        };
        for (var i = 0; i < MaxStarts && Cache is null; i++)
        {
            try
            {
                Cache = isKept ? _session.Kernel.Restore(options) : _session.Kernel.Bind(options);
            }
            catch (ErrnoException e) when (Plan.BadKernel)
            {
                _ = e;
            }
            catch (Exception e)
            {
                _session.Fail($"a daemon does not start: {e}");
                return false;
            }
        }
        if (Cache is { } cache)
            _serving = _random.Next(5) == 0 ? new RequestLoop(_session, Ledger, _random).RunAsync(cache, _stop.Token) : cache.ServeAsync(new FuzzSource(Plan, Ledger, _random), _stop.Token);
        return Cache is not null;
    }

    /// <summary>Waits a little for it to have done what it was started for, or to have ended by itself.</summary>
    internal async Task<bool> IsSpentAsync()
    {
        await Task.WhenAny(_spent.Task, _serving, Task.Delay(20));
        return _spent.Task.IsCompleted || _serving.IsCompleted;
    }

    /// <summary>Ends it in one of the ways in which a daemon ends.</summary>
    /// <returns>Whether its device is kept.</returns>
    internal async Task<bool> EndAsync(bool mayKeep)
    {
        var isEnded = _serving.IsCompleted;
        Ledger.IsEnding = true;
        var how = isEnded ? 0 : _random.Next(mayKeep ? 5 : 3);
        var isKept = how >= 3;
        switch (how)
        {
            case 1:
                await _stop.CancelAsync();
                break;
            case 2 or 3:
                _killed = true;
                _session.Kernel.KillDaemon(keepDevice: isKept);
                break;
            case 4:
                _device!.Keep = () => _session.Kernel.KillDaemon(keepDevice: true);
                break;
        }
        await _session.BoundedAsync(how == 4 ? LeaveAsync() : Cache!.DisposeAsync().AsTask(), "a daemon does not stop");
        await _session.BoundedAsync(CheckServingAsync(), "serving does not end");
        Ledger.CheckEnd();
        return isKept;
    }

    private async Task LeaveAsync()
    {
        try
        {
            await Cache!.LeaveAsync();
        }
        catch (ErrnoException) when (Plan.BadKernel)
        {
            // The device had failed.
        }
    }

    private async Task CheckServingAsync()
    {
        try
        {
            await _serving;
        }
        catch (ErrnoException) when (_killed || Plan.BadKernel)
        {
            // The device is lost.
        }
    }

    private void Delivered(FuzzDevice device)
    {
        _session.Count();
        if (Interlocked.Increment(ref _messages) == Plan.MessagesPerLife)
            _spent.TrySetResult();
        if (Plan.BadKernel && _random.Next(25) == 0)
            Plan.PlanFault(_random, _session.Kernel.Faults);
    }
}
