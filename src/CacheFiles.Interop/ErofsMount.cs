using System.Text;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>Mounts EROFS images over the bound cache: mount(2) with the options of fs/erofs/super.c.</summary>
public static class ErofsMount
{
    /// <summary>Mounts an image that a daemon serves. The daemon has to be serving already: the call reads the image's first blocks.</summary>
    /// <param name="target">The directory to mount on.</param>
    /// <param name="fsid">The name of the image's blob: the cookie key of its OPEN.</param>
    /// <param name="domainId">The shared domain (Linux 6.1): its mounts share blobs of the same name. Null for none.</param>
    /// <param name="devices">The names of further blobs, in the order of the image's device table.</param>
    /// <exception cref="ArgumentException">A name is empty or contains a comma or a NUL, which the option string cannot carry; a blob's name has
    /// 253 to 255 bytes, at which the kernel stops with a BUG; the names together do not fit into the page that mount(2) takes, and would be cut
    /// off; or the target contains a NUL.</exception>
    /// <exception cref="ErrnoException">EINVAL: EROFS without on-demand mode. ENOBUFS, EIO: the daemon refused the blob, or none serves.
    /// EEXIST, EBUSY: the image is mounted already in this domain. EPERM: no CAP_SYS_ADMIN.</exception>
    public static void Mount(string target, string fsid, string? domainId = null, params string[] devices)
    {
        CString.Checked(target, nameof(target));
        var options = string.Join(",", Options(fsid, domainId, devices).Select(o => $"{o.Key}={o.Value}"));
        var length = Encoding.UTF8.GetByteCount(options);
        if (length >= Environment.SystemPageSize)
            throw new ArgumentException($"The mount options are {length} bytes long: the kernel takes {Environment.SystemPageSize - 1} and would cut off the rest.", nameof(devices));
        if (Libc.mount("none", target, "erofs", Libc.MS_RDONLY, options) < 0)
            Check(Sys.LastError, $"mount({target}, {options})");
    }

    /// <summary>Has the kernel open an image's blobs and close them again, without mounting the image anywhere. Their files have a name in the cache
    /// from then on: what is fetched for them later survives a power cut as the data of any file does. A file that has no name yet is lost
    /// whole.</summary>
    /// <remarks>The kernel makes a new object's file without a name and links it when the object is closed (cachefiles_commit_object). A blob that
    /// a mount of its domain holds open is not closed by this. The daemon has to be serving already; it gets an OPEN and a CLOSE of each
    /// blob, and fetches the image's first blocks. A blob that is culled loses its name.</remarks>
    /// <param name="fsid">The name of the image's blob: the cookie key of its OPEN.</param>
    /// <param name="domainId">The shared domain of the mount to come. Null for none.</param>
    /// <param name="devices">The names of further blobs, in the order of the image's device table.</param>
    /// <exception cref="ArgumentException">As <see cref="Mount"/>, but for the names together, which may have any length.</exception>
    /// <exception cref="ErrnoException">As <see cref="Mount"/>.</exception>
    public static void Commit(string fsid, string? domainId = null, params string[] devices)
    {
        List<(string Key, string Value)> options = Options(fsid, domainId, devices);
        using var context = new FileSystemContext();
        Check(context.Open("erofs"), "fsopen(erofs)");
        foreach (var (key, value) in options)
            Check(context.SetString(key, value), $"fsconfig({key}={value})");
        Check(context.Create(), $"fsconfig(create {fsid})");
    }

    /// <summary>Takes the mount away. The kernel then sends CLOSE for its blobs, unless other mounts share them.</summary>
    /// <param name="target">The directory it is mounted on.</param>
    /// <exception cref="ArgumentException">The target contains a NUL.</exception>
    /// <exception cref="ErrnoException">EBUSY: a process uses it. EINVAL: nothing is mounted there.</exception>
    public static void Unmount(string target)
    {
        if (Libc.umount2(CString.Checked(target, nameof(target)), 0) < 0)
        {
            Errno error = Sys.LastError;
            throw new ErrnoException(error, $"umount({target})", error == Errno.EBUSY ? "A process still uses the mount" : null);
        }
    }

    private static List<(string Key, string Value)> Options(string fsid, string? domainId, string[]? devices)
    {
        List<(string Key, string Value)> options = [("fsid", CheckedBlob(fsid, nameof(fsid)))];
        if (domainId is not null)
            options.Add(("domain_id", Checked(domainId, nameof(domainId))));
        options.AddRange((devices ?? []).Select(d => ("device", CheckedBlob(d, nameof(devices)))));
        return options;
    }

    private static void Check(Errno error, string operation)
    {
        if (error != Errno.None)
            throw new ErrnoException(error, operation, Remedy(error));
    }

    private static string Checked(string name, string parameter)
        => string.IsNullOrEmpty(name) || name.IndexOfAny([',', '\0']) >= 0
            ? throw new ArgumentException($"'{name}' cannot be written in mount options: it is empty or contains a comma or a NUL.", parameter)
            : name;

    // A longer one is EINVAL, by the kernel itself.
    private static string CheckedBlob(string name, string parameter)
        => Encoding.UTF8.GetByteCount(Checked(name, parameter)) is >= 253 and <= 255
            ? throw new ArgumentException($"'{name}' has 253 to 255 bytes: the kernel stops with a BUG at such a name (cachefiles_cook_key).", parameter)
            : name;

    private static string? Remedy(Errno error) => error switch
    {
        Errno.ENOENT => "The target does not exist, or this kernel's EROFS has no on-demand mode (CONFIG_EROFS_FS_ONDEMAND) and looks for a device",
        Errno.EINVAL or Errno.ENODEV => "This kernel's EROFS has no on-demand mode (CONFIG_EROFS_FS_ONDEMAND; gone in 7.1.8 and 7.2), or the image is damaged",
        Errno.ENOBUFS or Errno.EIO => "The daemon refused a blob of the image, or none is bound",
        Errno.EEXIST or Errno.EBUSY => "The image is mounted already in this domain",
        Errno.EPERM => "Mounting needs CAP_SYS_ADMIN",
        _ => null,
    };
}
