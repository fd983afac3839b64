namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>remount</c>: brings back what was mounted before a reboot.</summary>
internal static class RemountVerb
{
    internal static Verb Verb { get; } = new("remount", "Mounts everything that is written down and not mounted, as after a reboot.", RunAsync);

    private static Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        var status = 0;
        foreach (MountEntry entry in new MountRecord(configuration.Get(Settings.Record)).Read())
        {
            if (MountTable.HasErofs(entry.Target))
                continue;
            try
            {
                MountVerb.Mount(entry);
                Console.WriteLine($"mounted {entry.Fsid} on {entry.Target}");
            }
            catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
            {
                // The others may come back all the same.
                CommandLine.Complain(e.Message);
                status = 1;
            }
        }
        return Task.FromResult(status);
    }
}
