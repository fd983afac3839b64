namespace CacheFiles.Interop.Internal;

/// <summary>What can be done about the device's answers.</summary>
internal static class DeviceRemedy
{
    internal static string? ForOpen(Errno errno, string path) => errno switch
    {
        Errno.EPERM or Errno.EACCES => "The device needs CAP_SYS_ADMIN: run as root, or give the service that capability",
        Errno.EBUSY => "Another daemon holds the device or one of its anonymous fds (cachefilesd, nydusd, an earlier run): stop it; `fuser -v /dev/cachefiles` names it",
        Errno.ENOENT or Errno.ENXIO or Errno.ENODEV => $"Load the module with `modprobe cachefiles`, or name the device node if it is not {path}",
        _ => null,
    };

    internal static string? ForCommand(Errno errno, string command) => (errno, Verb(command)) switch
    {
        (Errno.EINVAL, "bind") => "This kernel was built without CONFIG_CACHEFILES_ONDEMAND: boot one that has it, of Linux 5.19 to 7.1.7 (where no dir was given before, the answer is the same)",
        (Errno.EOPNOTSUPP, "bind") => "The cache directory's file system has no extended attributes or lacks an operation that cachefiles needs: use ext4, xfs or btrfs",
        (Errno.ENOENT, "bind") => "The cache directory does not exist: create it",
        (Errno.ENOTDIR, "bind") => "The cache directory is not a directory",
        (Errno.EBUSY, "bind") => "A cache is bound already",
        (Errno.EROFS, "bind") => "The cache directory is on a file system that is mounted read-only",
        (Errno.EINVAL, "brun" or "bcull" or "bstop" or "frun" or "fcull" or "fstop") => "The limits are percentages with 0 <= stop < cull < run < 100",
        (Errno.EEXIST, "dir" or "tag") => "It is set already and cannot be changed: close the device and open it again",
        (Errno.EOPNOTSUPP, "copen" or "restore") => "No cache is bound in on-demand mode yet, or this kernel does not know the command",
        (Errno.EOPNOTSUPP, _) => "This kernel does not know the command",
        _ => null,
    };

    private static string Verb(string command)
    {
        var space = command.IndexOf(' ');
        return space < 0 ? command : command.Substring(0, space);
    }
}
