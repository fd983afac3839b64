using System.Diagnostics;

namespace CacheFiles.Ondemand;

/// <summary>Records which ranges a start-up touches.</summary>
/// <remarks>
/// The kernel asks only for what is not cached, so a complete trace takes a cold cache. While a recorder is in use nothing is read ahead, for
/// otherwise the trace would miss what came before it was asked for; that start is as slow as one without read-ahead.
/// </remarks>
public sealed class AccessTraceRecorder
{
    private readonly List<AccessTraceEntry> _entries = [];
    private long _first;

    /// <summary>What was touched so far.</summary>
    public AccessTrace ToTrace()
    {
        lock (_entries)
            return new AccessTrace(_entries);
    }

    internal void Note(ObjectKey key, ByteRange range)
    {
        lock (_entries)
        {
            if (_entries.Count == 0)
                _first = Stopwatch.GetTimestamp();
            _entries.Add(new AccessTraceEntry(Stopwatch.GetElapsedTime(_first), key, range));
        }
    }
}
