using System.Runtime.CompilerServices;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The requests of a cache for who answers them himself: from the first that is awaited until everything is closed.</summary>
/// <param name="session">The cache.</param>
/// <param name="keeper">Hears how far it is.</param>
/// <param name="stop">Ends it, as the caller's own token does.</param>
internal sealed class RequestStream(Session session, KeeperLink keeper, CancellationToken stop)
{
    private readonly StreamSink _sink = new(session);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the enumeration has ended and everything is closed.</summary>
    internal Task Ended => _ended.Task;

    internal async IAsyncEnumerable<OndemandRequest> EnumerateAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var pump = new RequestPump(session, _sink, threads: 1);
        Task running = RunAsync(pump, cancellationToken);
        try
        {
            await keeper.ServingAsync().ConfigureAwait(false);
            await foreach (OndemandRequest request in _sink.Requests.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return request;
        }
        finally
        {
            pump.Stop();
            await running.ConfigureAwait(false);
            await CloseAsync().ConfigureAwait(false);
            _ended.SetResult();
        }
    }

    /// <summary>Waits for the loop over the requests. It may be what disposes the cache, or may hang: what it has not answered in time is
    /// refused.</summary>
    internal async Task EndAsync()
    {
        try
        {
            await Ended.WaitAsync(session.IsLeaving ? session.Options.HandOverTimeout : session.Options.DrainTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _sink.Ended.ConfigureAwait(false);
            await CloseAsync().ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        session.IsLeaving |= keeper.IsKept;
        if (session.IsLeaving)
        {
            _sink.LeaveAll();
            await session.CloseObjectsAsync().ConfigureAwait(false);
        }
        _sink.RefuseAll();
        session.Close();
    }

    /// <summary>Never throws: the stream ends with what was thrown.</summary>
    private async Task RunAsync(RequestPump pump, CancellationToken cancellationToken)
    {
        try
        {
            pump.Start();
            await pump.RunAsync(cancellationToken, stop).ConfigureAwait(false);
            _sink.End(null);
        }
        catch (Exception e)
        {
            _sink.End(e);
        }
    }
}
