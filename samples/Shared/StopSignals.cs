using System.Runtime.InteropServices;

namespace CacheFiles.Samples;

/// <summary>SIGTERM and SIGINT: the first one stops gracefully; the second does what the signal does by itself, and ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private int _count;

    internal StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    }

    /// <summary>Fires at the first signal.</summary>
    internal CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _count) > 1)
            return;
        signal.Cancel = true;
        _stop.Cancel();
    }
}
