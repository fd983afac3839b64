namespace CacheFiles.Ondemand.Internal;

/// <summary>Whether a directory can be a cache.</summary>
internal static class DirectoryChecks
{
    private static readonly string[] s_good = ["ext4", "xfs", "btrfs", "ext3", "f2fs"];
    private static readonly string[] s_bad = ["tmpfs", "ramfs", "overlay", "nfs", "nfs4", "fuse", "9p", "virtiofs", "proc", "sysfs", "devtmpfs", "squashfs", "erofs", "vfat"];

    internal static IEnumerable<SupportCheck> Run(Machine machine, string directory)
    {
        const string Remedy = "name a directory on ext4, xfs or btrfs";
        if (Path.IsPathFullyQualified(directory) && machine.IsHidden(directory))
        {
            yield return new("cache-directory", SupportVerdict.Unknown, $"this process must not look at {directory}", "look again as root", Required: true);
            yield break;
        }
        if (!Path.IsPathFullyQualified(directory) || !Directory.Exists(machine.PathOf(directory)))
        {
            yield return new("cache-directory", SupportVerdict.No, $"{directory} is no directory with an absolute path", "create it, on ext4, xfs or btrfs", Required: true);
            yield break;
        }
        if (MountOf(machine, machine.Resolve(directory)) is not { } mount)
        {
            yield return new("cache-directory", SupportVerdict.Unknown, $"/proc/self/mountinfo does not tell what {directory} is on", Remedy, Required: true);
            yield break;
        }
        yield return (s_good.Contains(mount.Type), s_bad.Contains(mount.Type)) switch
        {
            (true, _) when mount.Options.Contains("ro") => new("cache-directory", SupportVerdict.No, $"{directory} is on {mount.Type}, mounted read-only", "mount it writable", Required: true),
            (true, _) => new("cache-directory", SupportVerdict.Yes, $"{directory} is on {mount.Type}", null, Required: true),
            (_, true) => new("cache-directory", SupportVerdict.No, $"{directory} is on {mount.Type}, which lacks what cachefiles needs", Remedy, Required: true),
            _ => new("cache-directory", SupportVerdict.Unknown, $"{directory} is on {mount.Type}, of which nothing is known here", Remedy, Required: true),
        };
        yield return mount.Options.Contains("noatime")
            ? new("access-times", SupportVerdict.No, "the file system is mounted with noatime: it does not keep when an object was last used", "mount it with relatime", Required: false)
            : new("access-times", SupportVerdict.Yes, "the file system keeps when an object was last used", null, Required: false);
    }

    /// <summary>The mount with the longest mount point above the directory; of several on the same point, the last.</summary>
    private static (string Type, string[] Options)? MountOf(Machine machine, string directory)
    {
        (string Type, string[] Options)? found = null;
        var longest = -1;
        foreach (var line in machine.Lines("/proc/self/mountinfo") ?? [])
        {
            // ID parent major:minor root mount-point options [fields] - type source super-options
            var parts = line.Split(" - ", 2);
            var before = parts[0].Split(' ');
            if (parts.Length < 2 || before.Length < 6)
                continue;
            var point = before[4].Replace("\\040", " ", StringComparison.Ordinal);
            var isAbove = point == "/" || directory == point || directory.StartsWith(point + "/", StringComparison.Ordinal);
            if (!isAbove || point.Length < longest)
                continue;
            longest = point.Length;
            var after = parts[1].Split(' ');
            found = (after[0], [.. before[5].Split(','), .. after[^1].Split(',')]);
        }
        return found;
    }
}
