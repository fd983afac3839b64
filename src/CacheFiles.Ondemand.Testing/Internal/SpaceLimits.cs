namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>One kind of limits, of blocks or of files, in percent: each is checked against the others as they are when it is set.</summary>
internal sealed class SpaceLimits
{
    internal long Run { get; private set; } = 7;

    internal long Cull { get; private set; } = 5;

    internal long Stop { get; private set; } = 1;

    /// <summary>Sets one of them.</summary>
    /// <returns>False where the order <c>stop &lt; cull &lt; run &lt; 100</c> would be broken.</returns>
    internal bool TrySet(ReadOnlySpan<char> which, long percent)
    {
        switch (which)
        {
            case "run" when percent > Cull && percent < 100:
                Run = percent;
                return true;
            case "cull" when percent > Stop && percent < Run:
                Cull = percent;
                return true;
            case "stop" when percent < Cull:
                Stop = percent;
                return true;
            default:
                return false;
        }
    }
}
