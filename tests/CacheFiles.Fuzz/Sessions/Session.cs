using System.Diagnostics;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>A simulated kernel on which daemons follow each other while readers mount, read and unmount.</summary>
// Its token sources have no timer, and who comes late still looks at them.
#pragma warning disable CA1001
internal sealed class Session
#pragma warning restore CA1001
{
    private readonly LockedRandom _random;
    private readonly SimulatedKernel _kernel;
    private readonly Action _count;
    private CancellationTokenSource _loss = new();
    private volatile Life? _life;
    private volatile string? _failure;
    private volatile bool _over;

    internal Session(Plan plan, Action count)
    {
        Plan = plan;
        _count = count;
        _random = new LockedRandom(plan.Seed);
        _kernel = new SimulatedKernel(plan.KernelOptions) { Between = device => _life!.Attach(device) };
    }

    internal Plan Plan { get; }

    /// <summary>Longer than anything takes, on a busy machine too.</summary>
    internal static TimeSpan Bound { get; } = TimeSpan.FromSeconds(60);

    internal SimulatedKernel Kernel => _kernel;

    internal bool IsOver => _over || _failure is not null;

    /// <summary>Counts the daemons; odd while one is ending or none is there.</summary>
    internal int Epoch { get; private set; }

    /// <summary>The daemon of this moment, or the last one.</summary>
    internal Life? Life => _life;

    /// <summary>Fires when an answer was lost, and at the end.</summary>
    internal CancellationToken Loss => Volatile.Read(ref _loss).Token;

    /// <summary>Something is wrong: the first reason counts.</summary>
    internal void Fail(string what) => Interlocked.CompareExchange(ref _failure, what, null);

    /// <summary>Counts a message.</summary>
    internal void Count() => _count();

    /// <summary>Whoever waits now may wait for ever.</summary>
    internal void Lose() => ThreadPool.UnsafeQueueUserWorkItem(static s => Interlocked.Exchange(ref s._loss, new CancellationTokenSource()).Cancel(), this, preferLocal: false);

    /// <summary>Runs everything.</summary>
    /// <exception cref="FuzzFailure">An invariant does not hold.</exception>
    internal async Task RunAsync()
    {
        Task[] readers = [.. Enumerable.Range(0, Plan.Readers).Select(i => Task.Run(() => new Reader(this, i).RunAsync()))];
        var isKept = false;
        for (var i = 0; i < Plan.Lives && !IsOver; i++)
            isKept = await LiveAsync(isKept, i);
        _over = true;
        _kernel.Faults.Clear();
        if (isKept)
            await LiveAsync(isKept, Plan.Lives);
        Lose();
        await BoundedAsync(Task.WhenAll(readers), "a reader, a mount or an unmount does not end");
        if (_kernel.OpenDescriptors != 0)
            Fail($"{_kernel.OpenDescriptors} descriptors are open at the end");
        if (_failure is { } failure)
            throw new FuzzFailure($"{failure} ({Plan})");
    }

    /// <summary>Waits for something that has to happen.</summary>
    internal async Task BoundedAsync(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Bound);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Fail(what);
        }
        catch (Exception e)
        {
            Fail($"{e}");
        }
    }

    /// <summary>One daemon from its start to its end.</summary>
    /// <returns>Whether its device is kept.</returns>
    private async Task<bool> LiveAsync(bool isKept, int number)
    {
        var life = _life = new Life(this, _random, number);
        if (!life.TryStart(isKept))
            return isKept && _kernel.OpenDescriptors > 0;
        Epoch++;
        using var watch = new Timer(_ => life.Ledger.CheckOverdue(), null, 250, 250);
        var start = Stopwatch.GetTimestamp();
        while (!IsOver && !await life.IsSpentAsync() && Stopwatch.GetElapsedTime(start) < Plan.LifeTime)
        {
            // Looked at again after each beat.
        }
        Epoch++;
        isKept = await life.EndAsync(mayKeep: !_over);
        var expected = isKept ? 1 : 0;
        if (_kernel.OpenDescriptors != expected)
            Fail($"a daemon has ended, and {_kernel.OpenDescriptors} descriptors are open, not {expected}");
        return isKept;
    }
}
