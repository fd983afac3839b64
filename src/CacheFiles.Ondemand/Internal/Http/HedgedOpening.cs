namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Asks a mirror, and a second one where the first takes longer than it usually does. Whichever delivers first is read, the other
/// one is given up.</summary>
/// <param name="origin">The budget and the clock.</param>
/// <param name="route">Says who is asked beside a slow mirror.</param>
/// <param name="begin">Prepares a request to a mirror.</param>
/// <param name="arrive">Sends it, and completes when the first byte of the right response is there.</param>
internal sealed class HedgedOpening(HttpOrigin origin, Route route, Func<Mirror, Exchange> begin, Func<Exchange, Task> arrive)
{
    private HttpRangeFetcherOptions Options => origin.Options;

    /// <summary>Gives an exchange whose body can be read. The caller disposes it.</summary>
    internal Task<Exchange> OpenAsync(Mirror mirror)
    {
        origin.Hedges.Earn();
        return RaceAsync(mirror, new Runner(this, mirror));
    }

    /// <summary>Gives an exchange whose body can be read on, or another one where that takes longer than a new answer usually does.</summary>
    internal Task<Exchange> ReadOnAsync(Exchange begun) => RaceAsync(begun.Mirror, new Runner(this, begun));

    private async Task<Exchange> RaceAsync(Mirror mirror, Runner ahead)
    {
        if (Options.HedgePercent > 0 && mirror.Latency.Percentile95 is { } usual && await IsSlowerAsync(ahead.Arrival, usual).ConfigureAwait(false) && origin.Hedges.TrySpend())
        {
            Telemetry.Hedges.Add(1);
            var behind = new Runner(this, route.Beside(mirror));
            await Task.WhenAny(ahead.Arrival, behind.Arrival).ConfigureAwait(false);
            // A wrong answer does not win while the other one may be right.
            if (!ahead.Arrival.IsCompletedSuccessfully && !behind.HasFailed)
                (ahead, behind) = (behind, ahead);
            behind.GiveUp();
        }
        return await ahead.WinAsync().ConfigureAwait(false);
    }

    private Exchange Begin(Mirror mirror) => begin(mirror);

    private Task ArriveAsync(Exchange exchange) => arrive(exchange);

    private async Task<bool> IsSlowerAsync(Task arrival, TimeSpan usual)
    {
        // A delay of less than a millisecond would be none.
        var delay = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(usual.TotalMilliseconds)));
        await arrival.WaitAsync(delay, Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !arrival.IsCompleted;
    }

    /// <summary>One of the two requests. Either <see cref="WinAsync"/> or <see cref="GiveUp"/> ends it.</summary>
    private sealed class Runner
    {
        private readonly HedgedOpening _race;
        private Exchange? _exchange;

        internal Runner(HedgedOpening race, Mirror mirror)
        {
            _race = race;
            Arrival = RunAsync(mirror);
        }

        internal Runner(HedgedOpening race, Exchange begun)
        {
            _race = race;
            _exchange = begun;
            Arrival = begun.OpenBodyAsync();
        }

        internal Task Arrival { get; }

        internal bool HasFailed => Arrival.IsCompleted && !Arrival.IsCompletedSuccessfully;

        internal async Task<Exchange> WinAsync()
        {
            try
            {
                await Arrival.ConfigureAwait(false);
                return _exchange!;
            }
            catch
            {
                _exchange?.Dispose();
                throw;
            }
        }

        internal void GiveUp()
        {
            _exchange?.Abandon();
            _ = TidyUpAsync();
        }

        private async Task RunAsync(Mirror mirror)
        {
            TimeProvider time = _race.Options.TimeProvider;
            var start = time.GetTimestamp();
            try
            {
                _exchange = _race.Begin(mirror);
                await _race.ArriveAsync(_exchange).ConfigureAwait(false);
                mirror.Latency.Record(time.GetElapsedTime(start));
            }
            catch (OperationCanceledException)
            {
                // It would have taken longer still: leaving out what was slow already would make the mirror look quicker than it is.
                if (time.GetElapsedTime(start) is var waited && waited > mirror.Latency.Percentile95)
                    mirror.Latency.Record(waited);
                throw;
            }
        }

        private async Task TidyUpAsync()
        {
            await Arrival.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _exchange?.Dispose();
            if (Arrival.Exception?.InnerException is AttemptFailure failure)
                failure.Mirror.NoteFailure(failure, _race.Options.MaxRetryAfter);
        }
    }
}
