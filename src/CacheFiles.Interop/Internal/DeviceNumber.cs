namespace CacheFiles.Interop.Internal;

/// <summary>Which device a character device node stands for: statx(2).</summary>
internal static unsafe class DeviceNumber
{
    /// <summary>Major and minor number; null where it is no character device.</summary>
    internal static (uint Major, uint Minor)? OfDescriptor(int fd) => Of(fd, "", Libc.AT_EMPTY_PATH, "statx(device)");

    /// <summary>Major and minor number; null where it is no character device.</summary>
    internal static (uint Major, uint Minor)? OfPath(string path) => Of(Libc.AT_FDCWD, path, 0, $"statx({path})");

    private static (uint, uint)? Of(int directory, string path, int flags, string operation)
    {
        var status = stackalloc byte[StatX.Size];
        Sys.Check(Libc.statx(directory, path, flags, Libc.STATX_TYPE, status), operation);
        return (*(ushort*)(status + StatX.ModeOffset) & Libc.S_IFMT) == Libc.S_IFCHR
            ? (*(uint*)(status + StatX.MajorOffset), *(uint*)(status + StatX.MinorOffset))
            : null;
    }
}
