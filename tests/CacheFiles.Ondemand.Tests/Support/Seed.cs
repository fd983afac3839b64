namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>Random numbers whose seed is printed with the test. <c>TEST_SEED</c> repeats a run.</summary>
internal static class Seed
{
    public static Random Random() => new(Next());

    public static int Next()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var chosen) ? chosen : System.Random.Shared.Next(1, int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"TEST_SEED={seed}");
        return seed;
    }
}
