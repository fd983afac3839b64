namespace CacheFiles.Tests.Shared;

/// <summary>A clock that stands still until a test advances it.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly object _lock = new();
    private readonly List<ManualTimer> _running = [];
    private readonly List<(Func<TimeSpan, bool> Wanted, int Count, TaskCompletionSource<TimeSpan> Seen)> _watchers = [];
    private DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
            throw new NotSupportedException("Periodic timers are not needed so far.");
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, and fires what falls due on the way, at its own time and on this thread.</summary>
    public void Advance(TimeSpan span)
    {
        DateTimeOffset end = GetUtcNow() + span;
        while (TakeDue(end) is { } timer)
            timer.Fire();
        lock (_lock)
            _now = end > _now ? end : _now;
    }

    /// <summary>Completes when timers run that are due after spans that are wanted, and gives the longest of these.</summary>
    public Task<TimeSpan> TimerAsync(Func<TimeSpan, bool> wanted, int count = 1)
    {
        var seen = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _watchers.Add((wanted, count, seen));
            TellWatchers();
        }
        return seen.Task;
    }

    /// <summary>Completes when a timer runs that is due after exactly a span.</summary>
    public Task<TimeSpan> TimerAsync(TimeSpan due) => TimerAsync(span => span == due);

    private void TellWatchers()
        => _watchers.RemoveAll(watcher =>
        {
            TimeSpan[] dues = [.. _running.Select(timer => timer.Due - _now).Where(watcher.Wanted)];
            return dues.Length >= watcher.Count && watcher.Seen.TrySetResult(dues.Max());
        });

    private ManualTimer? TakeDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            ManualTimer? first = _running.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (first is null)
                return null;
            _running.Remove(first);
            _now = first.Due > _now ? first.Due : _now;
            return first;
        }
    }

    private void Set(ManualTimer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            _running.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return;
            timer.Due = _now + dueTime;
            _running.Add(timer);
            TellWatchers();
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, Action fire) : ITimer
    {
        internal DateTimeOffset Due { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // As the real one does: what is due at once does not run inside the call that starts it.
            if (dueTime == TimeSpan.Zero)
                ThreadPool.QueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
            clock.Set(this, dueTime == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : dueTime);
            return true;
        }

        public void Dispose() => clock.Set(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        internal void Fire() => fire();
    }
}
