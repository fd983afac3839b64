using CacheFiles.Interop;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>umount</c>: the end of a mount, and of its entry in the record.</summary>
internal static class UmountVerb
{
    internal static Verb Verb { get; } = new(
        "umount",
        "Unmounts an image and takes it out of what is written down.",
        RunAsync,
        new Option("--target", "DIR", "the directory that it is mounted on") { Required = true });

    private static async Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        var target = MountVerb.TargetOf(arguments);
        var record = new MountRecord(configuration.Get(Settings.Record));
        if (MountTable.HasErofs(target))
            ErofsMount.Unmount(target);
        else if (record.Read().All(m => m.Target != target))
            throw new IOException($"No image is mounted on {target}.");
        // One that was unmounted by other means is only taken out.
        await record.RemoveAsync(target).ConfigureAwait(false);
        return 0;
    }
}
