namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>The runs of one object: fetches of which each begins where the one before it ends.</summary>
/// <remarks>A sequential reader is fetched for in many ranges, one behind the other, and each would wait for the source once. So a run that has come
/// some way asks for more than its range, and the next fetch reads on where the one before it has stopped. What goes on while others of
/// its run are under way, as in a prefetch, is asked for as it is: many connections carry more than one.</remarks>
internal sealed class FetchRuns(HttpOrigin origin)
{
    private const int MaxRuns = 8;

    // A READ, and the window behind it.
    private const int MostOfReader = 2;

    // Files up to this size are often read whole, and what lies behind them is not.
    private const long Shortest = 2 << 20;

    // Large pieces lie behind each other by chance.
    private const int FewestPieces = 4;

    private readonly List<Run> _runs = [];
    private long _clock;

    private TimeProvider Time => origin.Options.TimeProvider;

    /// <summary>Takes a fetch into the run that it continues, or begins one.</summary>
    internal RunPiece Enter(ByteRange range)
    {
        lock (_runs)
        {
            Run run = _runs.Find(run => run.End == range.Offset) ?? Begin(range.Offset);
            Task<ResponseTail?>? before = run.UnderWay <= MostOfReader ? run.Tail : null;
            var isLong = run.Pieces++ >= FewestPieces && range.Offset - run.Start >= Shortest;
            var asksAhead = isLong && run.UnderWay <= MostOfReader && !IsSlow(run) && origin.MayAskAhead;
            var piece = new RunPiece(range, run.Start, asksAhead, before, () => Leave(run));
            run.End = range.End;
            run.UnderWay++;
            run.Used = ++_clock;
            run.Tail = asksAhead ? piece.Tail : null;
            return piece;
        }
    }

    private void Leave(Run run)
    {
        lock (_runs)
        {
            run.UnderWay--;
            run.LastEnded = Time.GetTimestamp();
        }
    }

    /// <summary>Whether the reader is slower than the source: its distance does not matter then, and what is asked for ahead would be given up
    /// each time.</summary>
    private bool IsSlow(Run run) => run.UnderWay == 0 && Time.GetElapsedTime(run.LastEnded) >= ResponseTail.LongestWait;

    private Run Begin(long start)
    {
        // Who jumps about begins a run with each fetch: that does not end those that have come some way.
        if (_runs.Count == MaxRuns)
            _runs.Remove(_runs.MinBy(run => (run.Tail is not null, run.Used))!);
        var run = new Run(start) { End = start };
        _runs.Add(run);
        return run;
    }

    private sealed class Run(long start)
    {
        internal long Start => start;

        /// <summary>Where the next fetch would begin.</summary>
        internal long End { get; set; }

        internal int Pieces { get; set; }

        internal int UnderWay { get; set; }

        internal long LastEnded { get; set; }

        internal long Used { get; set; }

        /// <summary>What the last fetch leaves of its response; null where it does not ask ahead.</summary>
        internal Task<ResponseTail?>? Tail { get; set; }
    }
}
