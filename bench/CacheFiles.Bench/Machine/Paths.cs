using System.Globalization;

namespace CacheFiles.Bench.Machine;

/// <summary>Where things are in the guest. Data and images are in memory, so that a source's own disk is not measured; the cache is on the disk.</summary>
internal static class Paths
{
    internal const string Work = "/run/bench";
    internal const string Data = Work + "/data";
    internal const string Blobs = Work + "/blobs";
    internal const string ManyBlobs = Work + "/many";
    internal const string Trace = Work + "/trace";
    internal const string Cache = "/cache";
    internal const string Random = "random";
    internal const string Sequential = "sequential";
    internal const string Tree = "tree";

    internal static string Tool(string name) => Path.Combine(AppContext.BaseDirectory, "reference", name);

    internal static string Sample(string name) => $"/opt/samples/{name}/{name}";

    /// <summary>The blob of the image for a source that is some milliseconds away; one of its own for each, so that it is cold.</summary>
    internal static string Away(int milliseconds) => string.Create(CultureInfo.InvariantCulture, $"away{milliseconds}");

    internal static string Original(string name) => $"{Data}/{name}";
}
