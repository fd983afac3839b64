using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>probe</c>: what the machine can do.</summary>
internal static class ProbeVerb
{
    internal static Verb Verb { get; } = new(
        "probe",
        "Says what this machine has and lacks for the cache of the configuration, and what to do about it.",
        RunAsync,
        new Option("--json", null, "print JSON"));

    private static Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        CacheFilesSupport support = CacheFilesSupport.Probe(configuration.Get(Settings.CacheDirectory), configuration.Get(Settings.Device));
        return Task.FromResult(ProbeReport.Print(support, arguments.Has("--json")));
    }
}
