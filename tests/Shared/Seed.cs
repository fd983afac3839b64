namespace CacheFiles.Tests.Shared;

/// <summary>Random numbers whose seed is printed with the test. <c>TEST_SEED</c> repeats a run.</summary>
internal static class Seed
{
    public static Random Random()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var chosen) ? chosen : System.Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"TEST_SEED={seed}");
        return new Random(seed);
    }
}
