namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>check</c>: whether <c>serve</c> could begin with this configuration.</summary>
internal static class CheckVerb
{
    internal static Verb Verb { get; } = new("check", "Reads the configuration, says what is wrong with it, and touches nothing.", RunAsync);

    private static Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        using var source = new BlobSource(configuration);
        _ = configuration.ToOptions();
        Console.WriteLine($"{ConfigFile.PathOf(arguments)} is right.");
        return Task.FromResult(0);
    }
}
