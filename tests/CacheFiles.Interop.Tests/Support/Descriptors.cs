namespace CacheFiles.Interop.Tests.Support;

/// <summary>What /proc tells about the descriptors of this process.</summary>
internal static class Descriptors
{
    private const long O_CLOEXEC = 0x80000; // 02000000 octal

    /// <summary>What a descriptor refers to, for example <c>pipe:[4711]</c>; null where the number is free.</summary>
    public static string? Target(int fd) => new FileInfo($"/proc/self/fd/{fd}").LinkTarget;

    public static bool IsOpen(int fd) => Target(fd) is not null;

    /// <summary>How many descriptors refer to the same thing.</summary>
    public static int CountOf(string target) => Numbers().Count(number => Target(number) == target);

    public static int Count() => Numbers().Count();

    public static bool IsCloseOnExec(int fd)
    {
        var flags = File.ReadLines($"/proc/self/fdinfo/{fd}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & O_CLOEXEC) != 0;
    }

    private static IEnumerable<int> Numbers()
        => Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => int.Parse(Path.GetFileName(path), null));
}
