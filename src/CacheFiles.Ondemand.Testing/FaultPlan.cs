using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing;

/// <summary>Calls of the kernel that are to fail, on top of those that the simulated kernel fails for its own reasons.</summary>
public sealed class FaultPlan
{
    private readonly List<Planned> _planned = [];

    /// <summary>Makes calls of a verb fail. Plans add up; of several that strike one call the oldest gives the errno.</summary>
    /// <param name="verb">Which call.</param>
    /// <param name="errno">What it answers.</param>
    /// <param name="nth">The first one that fails, counted from now: 1, the default, is the next.</param>
    /// <param name="times">How many fail in a row; default 1, <see cref="int.MaxValue"/> for all.</param>
    public void Fail(KernelVerb verb, Errno errno, int nth = 1, int times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero((int)errno, nameof(errno));
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        lock (_planned)
            _planned.Add(new Planned { Verb = verb, Errno = errno, Skip = nth - 1, Times = times });
    }

    /// <summary>Forgets every plan.</summary>
    public void Clear()
    {
        lock (_planned)
            _planned.Clear();
    }

    /// <summary>Counts a call.</summary>
    /// <returns>How it is to fail, or <see cref="Errno.None"/>.</returns>
    internal Errno Strike(KernelVerb verb)
    {
        Errno errno = Errno.None;
        lock (_planned)
        {
            for (var i = 0; i < _planned.Count; i++)
            {
                Planned planned = _planned[i];
                if (planned.Verb != verb)
                    continue;
                if (planned.Skip > 0)
                {
                    planned.Skip--;
                    continue;
                }
                if (errno == Errno.None)
                    errno = planned.Errno;
                if (planned.Times != int.MaxValue && --planned.Times == 0)
                    _planned.RemoveAt(i--);
            }
        }
        return errno;
    }

    private sealed class Planned
    {
        internal required KernelVerb Verb { get; init; }

        internal required Errno Errno { get; init; }

        internal required int Skip { get; set; }

        internal required int Times { get; set; }
    }
}
