namespace CacheFiles.Interop.Internal;

/// <summary>Which device a character device node stands for: statx(2), whose layout is the same on every architecture.</summary>
internal static unsafe class DeviceNumber
{
    internal static readonly int Size = 256;
    internal static readonly int ModeOffset = 28;
    internal static readonly int MajorOffset = 128;
    internal static readonly int MinorOffset = 132;

    /// <summary>Major and minor number; null where it is no character device.</summary>
    internal static (uint Major, uint Minor)? OfDescriptor(int fd) => Of(fd, "", Libc.AT_EMPTY_PATH, "statx(device)");

    /// <summary>Major and minor number; null where it is no character device.</summary>
    internal static (uint Major, uint Minor)? OfPath(string path) => Of(Libc.AT_FDCWD, path, 0, $"statx({path})");

    private static (uint, uint)? Of(int directory, string path, int flags, string operation)
    {
        var status = stackalloc byte[Size];
        Sys.Check(Libc.statx(directory, path, flags, Libc.STATX_TYPE, status), operation);
        return (*(ushort*)(status + ModeOffset) & Libc.S_IFMT) == Libc.S_IFCHR
            ? (*(uint*)(status + MajorOffset), *(uint*)(status + MinorOffset))
            : null;
    }
}
