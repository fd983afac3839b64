using CacheFiles.Interop;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>mount</c>: mounts an image and remembers it. It is this process that mounts: the daemon's own view of the file systems is its own.</summary>
internal static class MountVerb
{
    internal static Verb Verb { get; } = new(
        "mount",
        "Mounts an image that the daemon serves, and writes down that it is mounted.",
        RunAsync,
        new Option("--fsid", "NAME", "the image's blob") { Required = true },
        new Option("--target", "DIR", "the directory to mount on; it is made where it is not there") { Required = true },
        new Option("--domain", "DOMAIN", "the domain in which it shares blobs"),
        new Option("--device", "NAME", "a further blob of the image, in the order of its device table") { Repeatable = true });

    private static async Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        var entry = new MountEntry(
            TargetOf(arguments),
            arguments["--fsid"],
            arguments.Find("--domain"),
            arguments.Has("--device") ? arguments.All("--device") : []);
        var record = new MountRecord(configuration.Get(Settings.Record));
        // One that is damaged is told of before anything is mounted.
        _ = record.Read();
        if (MountTable.HasErofs(entry.Target))
            throw new IOException($"An image is mounted on {entry.Target} already.");
        Mount(entry);
        try
        {
            if (!MountTable.HasErofs(entry.Target))
                throw new IOException($"{entry.Target} leads through a symbolic link: give the directory itself.");
            await record.AddAsync(entry).ConfigureAwait(false);
        }
        catch
        {
            ErofsMount.Unmount(entry.Target);
            throw;
        }
        return 0;
    }

    internal static string TargetOf(Arguments arguments) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(arguments["--target"]));

    internal static void Mount(MountEntry entry)
    {
        Directory.CreateDirectory(entry.Target);
        string[] devices = [.. entry.Devices];
        // Else a power cut would take all that is fetched before the first unmount.
        ErofsMount.Commit(entry.Fsid, entry.Domain, devices);
        ErofsMount.Mount(entry.Target, entry.Fsid, entry.Domain, devices);
    }
}
