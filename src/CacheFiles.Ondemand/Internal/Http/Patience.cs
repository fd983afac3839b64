namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Ends an exchange when its server takes too long, when the caller cancels, or when it is abandoned for another one.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _source;
    private CancellationTokenRegistration _registration;
    private volatile bool _abandoned;

    internal Patience(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        Limit = limit;
        _source = new CancellationTokenSource(limit, time);
        Serve(caller);
    }

    internal TimeSpan Limit { get; }

    internal CancellationToken Caller { get; private set; }

    internal CancellationToken Token => _source.Token;

    /// <summary>Whether the server is what it ran out for.</summary>
    internal bool IsExhausted => _source.IsCancellationRequested && !IsUnwanted;

    /// <summary>Whether nobody wants the exchange any more, whatever it failed with.</summary>
    internal bool IsUnwanted => _abandoned || Caller.IsCancellationRequested;

    internal void Restart() => _source.CancelAfter(Limit);

    /// <summary>Nobody waits for now.</summary>
    /// <returns>False where it has ended the exchange before that.</returns>
    internal bool Pause()
    {
        _registration.Dispose();
        Caller = CancellationToken.None;
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
        return !_source.IsCancellationRequested;
    }

    /// <summary>Somebody waits again.</summary>
    internal void Resume(CancellationToken caller)
    {
        Restart();
        Serve(caller);
    }

    internal void Abandon()
    {
        _abandoned = true;
        _source.Cancel();
    }

    private void Serve(CancellationToken caller)
    {
        Caller = caller;
        _registration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
