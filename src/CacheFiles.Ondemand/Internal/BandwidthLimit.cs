namespace CacheFiles.Ondemand.Internal;

/// <summary>Slows a sequence of takings down to a number of bytes per second: whoever took too much waits until it is paid off.</summary>
internal sealed class BandwidthLimit(long bytesPerSecond)
{
    private long _paidUntil = Environment.TickCount64;

    internal async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
            return;
        var now = Environment.TickCount64;
        _paidUntil = Math.Max(_paidUntil, now) + (bytes * 1000 / bytesPerSecond);
        if (_paidUntil > now)
            await Task.Delay(TimeSpan.FromMilliseconds(_paidUntil - now), cancellationToken).ConfigureAwait(false);
    }
}
