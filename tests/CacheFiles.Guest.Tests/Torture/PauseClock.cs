using System.Diagnostics;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>How long readers waited because a daemon went: for each time the longest single read, counted from that moment.</summary>
internal sealed class PauseClock
{
    private readonly List<double> _milliseconds = [];
    private long _gone = long.MaxValue;
    private long _back = long.MaxValue;
    private long _longest;

    /// <summary>A daemon goes now. Where its predecessor had no successor that served, the readers' pause just goes on.</summary>
    internal void Gone()
    {
        lock (_milliseconds)
        {
            if (_gone != long.MaxValue && _back == long.MaxValue)
                return;
            Keep();
            _longest = 0;
            _back = long.MaxValue;
            _gone = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Its successor serves: reads that begin from now on do not count.</summary>
    internal void Back()
    {
        lock (_milliseconds)
            _back = Math.Min(_back, Stopwatch.GetTimestamp());
    }

    /// <summary>A read has ended.</summary>
    internal void Note(long start)
    {
        var end = Stopwatch.GetTimestamp();
        if (end <= Volatile.Read(ref _gone))
            return;
        lock (_milliseconds)
        {
            if (end > _gone && start < _back)
                _longest = Math.Max(_longest, end - Math.Max(start, _gone));
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
        if (_gone != long.MaxValue)
            _milliseconds.Add(Stopwatch.GetElapsedTime(0, _longest).TotalMilliseconds);
        _gone = long.MaxValue;
    }
}
