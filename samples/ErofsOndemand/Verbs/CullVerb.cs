using System.Globalization;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>cull</c>: makes room in the cache.</summary>
internal static class CullVerb
{
    internal static Verb Verb { get; } = new(
        "cull",
        "Removes what was not used for the longest time from the cache, or one blob. What is open or pinned stays.",
        RunAsync,
        new Option("--bytes", "SIZE", "how much is to go, such as 10GiB"),
        new Option("--dry-run", null, "only say what would go"),
        new Option("--name", "NAME", "instead of a size: the blob that is to go"),
        new Option("--domain", "DOMAIN", "the domain that it is in"));

    private static async Task<int> RunAsync(Arguments arguments)
    {
        if (arguments.Has("--bytes") == arguments.Has("--name"))
            throw new UsageException("give either --bytes or --name");
        Configuration configuration = ConfigFile.Load(arguments);
        var request = new ControlRequest
        {
            Version = ControlRequest.CurrentVersion,
            Verb = ControlVerbs.Cull,
            Name = arguments.Find("--name"),
            Domain = arguments.Find("--domain"),
            Bytes = arguments.Find("--bytes") is { } size ? ParseSize(size) : null,
            DryRun = arguments.Has("--dry-run"),
        };
        CulledFiles culled = (await ControlClient.AskAsync(configuration, request).ConfigureAwait(false)).Answer.Culled!;
        foreach (CulledFile file in culled.Files)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Outcome,-10} {file.Bytes,14} {file.LastUsed:yyyy-MM-dd HH:mm:ss} {file.Path}"));
        if (culled.Cached is not null)
            Console.WriteLine($"{culled.Freed} of {culled.Cached} bytes removed");
        return 0;
    }

    private static long ParseSize(string text)
    {
        try
        {
            return Units.Size(0)(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--bytes {text}: {e.Message}");
        }
    }
}
