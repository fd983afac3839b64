namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Asks one mirror after the other, and again after a while, until one has delivered or there is no sense in going on.</summary>
internal sealed class AttemptLoop(HttpOrigin origin, Route route)
{
    // What each mirror failed with last.
    private readonly AttemptFailure?[] _failures = new AttemptFailure?[origin.Mirrors.Count];
    private readonly HttpRangeFetcherOptions _options = origin.Options;
    private readonly int _mostInVain = Math.Max(origin.Options.MaxAttempts, origin.Mirrors.Count);
    private int _attempts;
    private int _inVain;

    /// <summary>Whether every mirror that was asked has no such object.</summary>
    internal bool FoundNothing => Failures.Any() && Failures.All(failure => failure.Kind == FailureKind.NotFound);

    private IEnumerable<AttemptFailure> Failures => _failures.OfType<AttemptFailure>();

    /// <summary>Makes attempts.</summary>
    /// <param name="attempt">Asks a mirror.</param>
    /// <param name="position">How far it has come; an attempt that moved it was not in vain.</param>
    /// <param name="cancellationToken">Ends waiting too.</param>
    /// <returns>Whether an attempt succeeded. Else <see cref="Failure"/> tells why not.</returns>
    internal async ValueTask<bool> RunAsync(Func<Mirror, Task> attempt, Func<long> position, CancellationToken cancellationToken)
    {
        while (_inVain < _mostInVain && route.Next(Delay(), out TimeSpan wait) is { } mirror)
        {
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            var start = position();
            try
            {
                if (_attempts++ > 0)
                    Telemetry.Retries.Add(1);
                await attempt(mirror).ConfigureAwait(false);
                return true;
            }
            catch (AttemptFailure failure)
            {
                _inVain = position() > start ? 0 : _inVain + 1;
                Note(failure);
            }
        }
        return false;
    }

    /// <summary>Why no attempt succeeded.</summary>
    internal RangeFetchException Failure(ObjectKey key)
    {
        var reasons = string.Join("; ", Failures.Select(failure => failure.Message));
        return new RangeFetchException(
            $"{key}: {(_attempts == 1 ? "the attempt" : $"{_attempts} attempts")} failed: {reasons}",
            Failures.FirstOrDefault()?.InnerException);
    }

    /// <summary>Notes why an attempt failed.</summary>
    internal void Note(AttemptFailure failure)
    {
        Mirror mirror = failure.Mirror;
        _failures[mirror.Index] = failure;
        mirror.NoteFailure(failure, _options.MaxRetryAfter);
        if (failure.Kind != FailureKind.Transient || failure.RetryAfter > _options.MaxRetryAfter)
            route.Strike(mirror);
    }

    private TimeSpan Delay()
    {
        var doubled = _options.RetryDelay * Math.Pow(2, Math.Max(0, _inVain - 1));
        return (doubled < _options.MaxRetryDelay ? doubled : _options.MaxRetryDelay) * (0.5 + Random.Shared.NextDouble() / 2);
    }
}
