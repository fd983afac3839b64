namespace CacheFiles.Guest.Tests.Survival;

/// <summary>What /proc says of processes.</summary>
internal static class ProcessTable
{
    /// <summary>What a process holds of the device: itself, and anonymous fds.</summary>
    internal static string[] CacheFilesDescriptors(int process)
        => [.. DescriptorsOf(process).Where(t => t is "/dev/cachefiles" || t.StartsWith("anon_inode:[cachefiles]", StringComparison.Ordinal))];

    /// <summary>How many descriptors of each kind a process holds: all its sockets are one kind, each file is one of its own.</summary>
    internal static IReadOnlyDictionary<string, int> KindsOf(int process)
        => DescriptorsOf(process).CountBy(target => target.Split(":[") is [var kind, [>= '0' and <= '9', ..]] ? kind : target).ToDictionary();

    private static string[] DescriptorsOf(int process)
        => [.. Directory.GetFileSystemEntries($"/proc/{process}/fd").Select(LinkTarget).Where(t => t.Length > 0)];

    /// <summary>Children that have ended and that nobody has waited for.</summary>
    internal static int[] ZombiesOf(int parent)
        => [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!, null))
            .Where(id => StatOf(id) is ["Z", var of, ..] && of == $"{parent}")];

    /// <summary>Whether a process runs; one that has ended and waits to be noted does not.</summary>
    internal static bool Runs(int process) => StatOf(process) is [not "Z", ..];

    // State, parent, and the rest.
    private static string[] StatOf(int process)
    {
        try
        {
            // The name, in parentheses, may hold anything.
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
