namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Keeps hedged requests to a share of the plain ones: each plain one pays in, a hedge takes out.</summary>
internal sealed class HedgeBudget(int percent)
{
    private const int Price = 100;

    // What a quiet time may save up; a slow spell is not to be met with a burst.
    private const int MostHedgesSaved = 10;

    private int _saved;

    internal void Earn()
    {
        int saved;
        do
            saved = Volatile.Read(ref _saved);
        while (Interlocked.CompareExchange(ref _saved, Math.Min(saved + percent, MostHedgesSaved * Price), saved) != saved);
    }

    internal bool TrySpend()
    {
        int saved;
        do
        {
            saved = Volatile.Read(ref _saved);
            if (saved < Price)
                return false;
        }
        while (Interlocked.CompareExchange(ref _saved, saved - Price, saved) != saved);
        return true;
    }
}
