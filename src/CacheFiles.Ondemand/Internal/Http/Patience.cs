namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Ends an exchange when its server takes too long, when the caller cancels, or when it is abandoned for another one.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private volatile bool _abandoned;

    internal Patience(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        Limit = limit;
        Caller = caller;
        _source = new CancellationTokenSource(limit, time);
        _registration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    internal TimeSpan Limit { get; }

    internal CancellationToken Caller { get; }

    internal CancellationToken Token => _source.Token;

    /// <summary>Whether the server is what it ran out for.</summary>
    internal bool IsExhausted => _source.IsCancellationRequested && !IsUnwanted;

    /// <summary>Whether nobody wants the exchange any more, whatever it failed with.</summary>
    internal bool IsUnwanted => _abandoned || Caller.IsCancellationRequested;

    internal void Restart() => _source.CancelAfter(Limit);

    internal void Abandon()
    {
        _abandoned = true;
        _source.Cancel();
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
