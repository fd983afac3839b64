namespace CacheFiles.Bench.Machine;

/// <summary>A daemon that is measured.</summary>
/// <param name="Name">What it is called in the results.</param>
/// <param name="IsOurs">Whether it is a sample of the library, and not a reference daemon in C.</param>
/// <param name="Options">Its own arguments.</param>
internal sealed record Variant(string Name, bool IsOurs, params string[] Options)
{
    /// <summary>A poll loop in one thread.</summary>
    internal static Variant OneThread { get; } = new("one-thread C", false);

    internal static Variant FourThreads { get; } = new("four-thread C", false, "--threads", "4");

    /// <summary>A poll loop in one thread that brings the 2 MiB around what is asked for.</summary>
    internal static Variant Widening { get; } = new("C that widens to 2 MiB", false, "--widen", "2097152");

    internal static Variant Ours { get; } = new("ours", true);

    internal static Variant Around { get; } = new("ours, around", true, "--around", "2097152");

    internal static Variant Recording { get; } = new("ours, recording", true, "--record", Paths.Trace);

    internal static Variant Replaying { get; } = new("ours, replaying", true, "--replay", Paths.Trace);

    /// <summary>The program and its arguments.</summary>
    /// <param name="source">A directory, or the URL of one.</param>
    /// <param name="cache">The cache directory.</param>
    internal (string Program, string[] Arguments) CommandFor(string source, string cache)
    {
        if (!IsOurs)
            return (Paths.Tool("daemon"), [cache, source.TrimEnd('/'), .. Options]);
        return source.StartsWith("http", StringComparison.Ordinal)
            ? (Paths.Sample("HttpDaemon"), ["--origin", source, "--cache", cache, .. Options])
            : (Paths.Sample("DirectoryDaemon"), ["--source", source, "--cache", cache, .. Options]);
    }
}
