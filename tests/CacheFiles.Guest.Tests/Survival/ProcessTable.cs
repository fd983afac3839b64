namespace CacheFiles.Guest.Tests.Survival;

/// <summary>What /proc says of processes.</summary>
internal static class ProcessTable
{
    /// <summary>What a process holds of the device: itself, and anonymous fds.</summary>
    internal static string[] CacheFilesDescriptors(int process)
        => [.. Directory.GetFileSystemEntries($"/proc/{process}/fd").Select(LinkTarget).Where(t => t.Contains("cachefiles", StringComparison.Ordinal) && !t.StartsWith("/tmp", StringComparison.Ordinal))];

    /// <summary>Children that have ended and that nobody has waited for.</summary>
    internal static int[] ZombiesOf(int parent) => [.. ChildrenOf(parent).Where(c => c.State == 'Z').Select(c => c.Id)];

    private static IEnumerable<(int Id, char State)> ChildrenOf(int parent)
    {
        foreach (var directory in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), null, out var id))
                continue;
            string[] stat;
            try
            {
                // The name, in parentheses, may hold anything.
                stat = File.ReadAllText($"{directory}/stat").Split(") ")[^1].Split(' ');
            }
            catch (IOException)
            {
                continue;
            }
            if (stat[1] == $"{parent}")
                yield return (id, stat[0][0]);
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
