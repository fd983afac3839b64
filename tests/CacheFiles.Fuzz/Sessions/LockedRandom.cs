namespace CacheFiles.Fuzz.Sessions;

/// <summary>Random numbers for many threads.</summary>
internal sealed class LockedRandom(int seed)
{
    private readonly Random _random = new(seed);

    internal int Next(int max)
    {
        lock (_random)
            return _random.Next(max);
    }

    internal int Next(int min, int max)
    {
        lock (_random)
            return _random.Next(min, max);
    }
}
