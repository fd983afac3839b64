using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Everything that the library has measured since the store was made.</summary>
internal sealed class MeterStore : IDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Family> _families = new();

    internal MeterStore()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == OndemandTelemetry.Name)
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument.Name, _ => new Family(instrument)));
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((Family)family!).Take(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((Family)family!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((Family)family!).Take(value, tags));
        _listener.Start();
    }

    /// <summary>For how long it has measured.</summary>
    internal TimeSpan Age => Stopwatch.GetElapsedTime(_start);

    public void Dispose() => _listener.Dispose();

    /// <summary>The instruments, by name, as they stand now.</summary>
    internal IReadOnlyList<Family> Collect()
    {
        _listener.RecordObservableInstruments();
        return [.. _families.Values.OrderBy(f => f.Instrument.Name, StringComparer.Ordinal)];
    }

    /// <summary>What an instrument has counted, of one value of its attribute or of all.</summary>
    internal long Total(string instrument, string? value = null)
        => _families.TryGetValue(instrument, out Family? family) ? (long)family.Series.Where(s => value is null || s.Value == value).Sum(s => s.Sum) : 0;
}
