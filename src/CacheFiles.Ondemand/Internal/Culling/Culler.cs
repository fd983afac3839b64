namespace CacheFiles.Ondemand.Internal;

/// <summary>Sees to it that the cache has room: culls when the kernel wants it, before the budget is exceeded and when the disk is full. READs for
/// which there is none wait here.</summary>
internal sealed class Culler : IThreadPoolWorkItem, IDisposable
{
    // After a pass that did not help the next one comes soon where readers wait, else ever later.
    private const int WaitedRetry = 250;
    private const int LongestRetry = 30_000;

    private readonly Session _session;
    private readonly ICacheDisk _disk;
    private readonly DiskRoom _room;
    private readonly SpaceLedger _ledger;
    private readonly NamelessBytes _nameless;
    private readonly Timer _retry;
    private readonly List<Waiter> _parked = [];
    private readonly object _pass = new();
    private TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _helpless;
    private volatile bool _disposed;
    private int _signals;
    private int _interval = WaitedRetry;

    internal Culler(Session session, ICacheDisk disk)
    {
        _session = session;
        _disk = disk;
        _room = new DiskRoom(disk, session.Options.Limits ?? new CullLimits());
        _ledger = new SpaceLedger(session.Options.Culling.BudgetBytes);
        _nameless = new NamelessBytes(session);
        _retry = new Timer(_ => Queue(), null, Timeout.Infinite, Timeout.Infinite);
        // What there is has to be counted before anything is reserved.
        if (_ledger.IsKept)
            Signal();
    }

    /// <summary>Whether the disk lacks room: then nothing is fetched ahead.</summary>
    internal bool IsScarce => _room.IsScarce;

    /// <summary>The kernel asks for culling (POLLOUT).</summary>
    internal void KernelWants()
    {
        _room.KernelWants();
        Signal();
    }

    /// <summary>An object is opened.</summary>
    internal void Opened(ObjectKey key) => _disk.Touch(key);

    /// <summary>An object is being closed; its descriptor is still open.</summary>
    internal void Closing(CacheObject target)
    {
        _disk.Touch(target.Key);
        if (_ledger.IsKept)
            _nameless.Closing(target);
        // What could not be culled because it was open can be soon.
        if (_helpless)
            RetryAfter(WaitedRetry);
    }

    /// <summary>Reserves room for what a READ asks. Called under its object's lock.</summary>
    /// <returns>False where it has to wait: it is started again when there is room.</returns>
    internal bool TryReserve(Waiter waiter)
    {
        if (!_ledger.IsKept || waiter.Reserved > 0)
            return true;
        if (_ledger.TryReserve(waiter.Range.Length, isAwaited: true))
        {
            waiter.Reserved = waiter.Range.Length;
            return true;
        }
        Park(waiter);
        return false;
    }

    /// <summary>Reserves room for what no reader waits for.</summary>
    internal bool TryReserveAhead(long bytes)
    {
        if (!_room.IsScarce && _ledger.TryReserve(bytes, isAwaited: false))
            return true;
        Signal();
        return false;
    }

    /// <summary>Reserves room for what no reader waits for, as soon as there is some.</summary>
    /// <returns>False where the object was closed.</returns>
    internal async Task<bool> ReserveAheadAsync(CacheObject target, long bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task passed = Volatile.Read(ref _passed).Task;
            if (target.IsClosed || _disposed)
                return false;
            if (TryReserveAhead(bytes))
                return true;
            await passed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a reservation back.</summary>
    internal void Release(long bytes)
    {
        if (bytes > 0 && _ledger.IsKept)
            _ledger.Release(bytes);
    }

    /// <summary>Bytes have come into the cache.</summary>
    internal void Wrote(long bytes)
    {
        if (_ledger.Wrote(bytes))
            Signal();
    }

    /// <summary>The kernel took no more of a fetch.</summary>
    /// <param name="refused">Bytes of it that are still to be written.</param>
    internal void DiskFull(long refused)
    {
        _room.Refused(refused);
        Signal();
    }

    /// <summary>A READ found the disk full. Called without its object's lock.</summary>
    /// <returns>Whether it waits for room now. Not where the disk has room and the READ was tried again already: then room is not what it lacks.</returns>
    internal bool TryPark(Waiter waiter)
    {
        if (_disposed || _session.IsLeaving || (waiter.Retried && _room.Has(waiter.Range.Length)))
            return false;
        waiter.Retried = true;
        waiter.Failure = null;
        waiter.FailedOwn = false;
        _room.Refused(waiter.Range.Length);
        Park(waiter);
        return true;
    }

    /// <summary>Culls what the caller wants, or says what would be culled.</summary>
    internal CullReport Run(long bytes, bool dryRun)
    {
        lock (_pass)
        {
            var (pass, cached) = Look();
            pass.Run(bytes, wantedFiles: 0, dryRun);
            return new CullReport(pass.Entries, cached, bytes, dryRun ? 0 : pass.FreedBytes);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _retry.Dispose();
        // A pass that is under way still uses the device.
        lock (_pass)
            _passed.TrySetResult();
    }

    void IThreadPoolWorkItem.Execute()
    {
        int left;
        do
        {
            var seen = Volatile.Read(ref _signals);
            Pass();
            // Where it did not help, the retry is what comes next.
            left = Interlocked.Add(ref _signals, _helpless ? -Volatile.Read(ref _signals) : -seen);
        }
        while (left > 0);
    }

    private void Park(Waiter waiter)
    {
        lock (_parked)
            _parked.Add(waiter);
        Signal();
    }

    /// <summary>A pass is wanted: at once, or where the last one could not help, with the next retry.</summary>
    private void Signal()
    {
        if (!_helpless)
            Queue();
        else if (_interval > WaitedRetry && HasParked)
            RetryAfter(WaitedRetry);
    }

    private void RetryAfter(int interval)
    {
        _interval = interval;
        if (!_disposed)
            _retry.Change(interval, Timeout.Infinite);
    }

    private void Queue()
    {
        if (!_disposed && Interlocked.Increment(ref _signals) == 1)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool HasParked
    {
        get
        {
            lock (_parked)
                return _parked.Count > 0;
        }
    }

    private void Pass()
    {
        lock (_pass)
        {
            if (_disposed)
                return;
            try
            {
                Conclude(Cull(), fault: null);
            }
            catch (Exception e)
            {
                // The device is closed, the directory is gone: readers fail by themselves.
                Conclude(helped: false, new OndemandFault(FaultSource.Space, "the cache could not be culled", Exception: e));
            }
        }
        Interlocked.Exchange(ref _passed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <returns>Whether there is as much room now as is wanted.</returns>
    private bool Cull()
    {
        var before = _ledger.Begin();
        var (pass, cached) = Look();
        var overBudget = _ledger.Count(before, cached);
        var (bytes, files) = _room.Missing();
        var enough = pass.Run(Math.Max(bytes, overBudget), files, dryRun: false);
        _ledger.Conclude(pass.FreedBytes);
        _disk.EmptyGraveyard();
        _room.Settle();
        return enough || (!_ledger.IsExhausted && !_room.IsScarce);
    }

    private (CullPass Pass, long Cached) Look()
    {
        Dictionary<string, long> nameless = _nameless.Take();
        CacheInventory inventory = _disk.TakeInventory();
        return (new CullPass(_session, inventory), inventory.Files.Sum(f => f.Bytes) + _nameless.Count(nameless, inventory));
    }

    private void Conclude(bool helped, OndemandFault? fault)
    {
        var wasHelpless = _helpless;
        _helpless = !helped;
        if (!helped && !wasHelpless && !_session.IsClosed)
            _session.Report(fault ?? new OndemandFault(FaultSource.Space, "the cache needs room, and all that is left in it is open or pinned: unmount images, unpin objects, raise the budget or give the cache a larger disk"));
        List<Waiter> released = [];
        lock (_parked)
        {
            if (helped || _ledger.IsExhausted || _room.Has(0))
            {
                released.AddRange(_parked);
                _parked.Clear();
            }
            _interval = _parked.Count > 0 ? WaitedRetry : Math.Min(LongestRetry, 2 * _interval);
        }
        foreach (Waiter waiter in released)
            ThreadPool.UnsafeQueueUserWorkItem(waiter, preferLocal: false);
        if (helped)
            _interval = WaitedRetry;
        else
            RetryAfter(_interval);
    }
}
