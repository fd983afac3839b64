using System.Diagnostics;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>How long readers waited because a daemon went: for each time the longest single wait, counted from that moment.</summary>
/// <remarks>Where the next daemon goes before all are served who waited for it, their pause just goes on, and counts once.</remarks>
internal sealed class PauseClock
{
    private readonly List<double> _milliseconds = [];
    // When each wait began that has not ended.
    private readonly List<long> _waiting = [];
    private long? _gone;
    private long? _back;
    private long _longest;

    /// <summary>Whether all are served who waited for the next daemon.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_milliseconds)
                return _gone is null || (_back is not null && !_waiting.Exists(start => start < _back));
        }
    }

    /// <summary>A daemon goes now.</summary>
    internal void Gone()
    {
        lock (_milliseconds)
        {
            if (!IsOver)
            {
                _back = null;
                return;
            }
            Keep();
            _longest = 0;
            _back = null;
            _gone = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Its successor serves: waits that begin from now on do not count.</summary>
    internal void Back()
    {
        lock (_milliseconds)
            _back ??= Stopwatch.GetTimestamp();
    }

    /// <summary>Does something that may wait for a daemon.</summary>
    internal T Time<T>(Func<T> wait)
    {
        var start = Begin();
        try
        {
            return wait();
        }
        finally
        {
            End(start);
        }
    }

    /// <summary>A wait begins. Its number is for <see cref="End"/>.</summary>
    internal long Begin()
    {
        lock (_milliseconds)
        {
            var start = Stopwatch.GetTimestamp();
            _waiting.Add(start);
            return start;
        }
    }

    /// <summary>A wait has ended.</summary>
    internal void End(long start)
    {
        lock (_milliseconds)
        {
            _waiting.Remove(start);
            if (_gone is { } gone && !(start >= _back))
                _longest = Math.Max(_longest, Stopwatch.GetTimestamp() - Math.Max(start, gone));
        }
    }

    /// <summary>Median and longest pause, in milliseconds.</summary>
    internal (double Median, double Longest)? Take()
    {
        lock (_milliseconds)
        {
            Keep();
            _milliseconds.Sort();
            return _milliseconds.Count == 0 ? null : (_milliseconds[_milliseconds.Count / 2], _milliseconds[^1]);
        }
    }

    private void Keep()
    {
        if (_gone is not null)
            _milliseconds.Add(Stopwatch.GetElapsedTime(0, _longest).TotalMilliseconds);
        _gone = null;
    }
}
