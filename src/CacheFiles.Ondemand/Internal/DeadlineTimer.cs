namespace CacheFiles.Ondemand.Internal;

/// <summary>Looks for READs that are past their deadline, at a coarse beat: a READ costs no timer of its own.</summary>
internal sealed class DeadlineTimer : IDisposable
{
    private readonly long _span;
    private readonly Timer? _timer;

    /// <param name="deadline">How long a READ may take.</param>
    /// <param name="expire">Called with the time now, and the time before which was begun what is past its deadline now; ends it.</param>
    internal DeadlineTimer(TimeSpan deadline, Action<long, long> expire)
    {
        _span = deadline == Timeout.InfiniteTimeSpan ? -1 : (long)Math.Ceiling(deadline.TotalMilliseconds);
        if (_span < 0)
            return;
        var beat = Math.Clamp(_span / 8, 10, 1000);
        _timer = new Timer(_ => Beat(expire), null, beat, beat);
    }

    /// <summary>The deadline of a READ that comes now.</summary>
    internal long Next() => _span < 0 ? long.MaxValue : Environment.TickCount64 + _span;

    public void Dispose() => _timer?.Dispose();

    private void Beat(Action<long, long> expire)
    {
        var now = Environment.TickCount64;
        expire(now, now - _span);
    }
}
