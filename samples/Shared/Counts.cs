using System.Diagnostics.Metrics;
using System.Globalization;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>The library's counters, for one line of text.</summary>
internal sealed class Counts : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _opens;
    private long _reads;
    private long _bytes;
    private int _open;

    internal Counts()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == OndemandTelemetry.Name && instrument.Name is OndemandTelemetry.Requests or OndemandTelemetry.BytesFetched or OndemandTelemetry.ObjectsOpen)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.SetMeasurementEventCallback<int>((_, value, _, _) => _open = value);
        _listener.Start();
    }

    /// <summary>How many objects are open now.</summary>
    internal int Open
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _open;
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>OPENs and READs of the kernel, and bytes that came from the source; the same for people and for scripts.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"stats opens={Volatile.Read(ref _opens)} reads={Volatile.Read(ref _reads)} bytes={Volatile.Read(ref _bytes)}");

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == OndemandTelemetry.BytesFetched)
            Interlocked.Add(ref _bytes, value);
        else if (tags[0].Value is "open")
            Interlocked.Add(ref _opens, value);
        else if (tags[0].Value is "read")
            Interlocked.Add(ref _reads, value);
    }
}
