using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>The files of a cache directory by the bytes of their names, which .NET's own file classes cannot carry: a volume's name need not be
/// UTF-8.</summary>
public static unsafe class CacheTree
{
    /// <summary>Lists a directory. What is removed meanwhile is left out.</summary>
    /// <param name="path">The directory as bytes, without NUL.</param>
    /// <param name="entries">What is in it, in no order, without <c>.</c> and <c>..</c>.</param>
    /// <returns>ENOENT, ENOTDIR, EACCES, EMFILE; <see cref="Errno.None"/> where it was read to its end.</returns>
    public static Errno TryList(ReadOnlySpan<byte> path, out List<CacheEntry> entries)
    {
        entries = [];
        byte* directory;
        fixed (byte* bytes = Terminated(path))
            directory = (byte*)Libc.opendir(bytes);
        if (directory is null)
            return Sys.LastError;
        try
        {
            var descriptor = Libc.dirfd(directory);
            while (true)
            {
                // It tells its end and its failure by the same null; the runtime clears errno before the call.
                var entry = (byte*)Libc.readdir64(directory);
                if (entry is null)
                    return Sys.LastError;
                if (Stat(descriptor, entry + DirEnt.NameOffset) is { } found)
                    entries.Add(found);
            }
        }
        finally
        {
            _ = Libc.closedir(directory);
        }
    }

    /// <summary>Sets a file's access time to now, whether or not its mount keeps access times (utimensat(2)).</summary>
    /// <param name="path">The file as bytes, without NUL.</param>
    /// <returns>ENOENT, EACCES, EROFS; <see cref="Errno.None"/> where it was done.</returns>
    public static Errno TryTouch(ReadOnlySpan<byte> path)
    {
        // Two struct timespec: now, and leave alone.
        var times = stackalloc nint[4] { 0, Libc.UTIME_NOW, 0, Libc.UTIME_OMIT };
        fixed (byte* bytes = Terminated(path))
            return Libc.utimensat(Libc.AT_FDCWD, bytes, times, Libc.AT_SYMLINK_NOFOLLOW) < 0 ? Sys.LastError : Errno.None;
    }

    private static CacheEntry? Stat(int directory, byte* name)
    {
        var bytes = new ReadOnlySpan<byte>(name, int.MaxValue);
        bytes = bytes.Slice(0, bytes.IndexOf((byte)0));
        if (bytes.SequenceEqual("."u8) || bytes.SequenceEqual(".."u8))
            return null;
        var status = stackalloc byte[StatX.Size];
        if (Libc.statx_bytes(directory, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, status) < 0)
            return null;
        var type = *(ushort*)(status + StatX.ModeOffset) & Libc.S_IFMT;
        DateTime accessed = StatX.Time(status + StatX.AccessTimeOffset);
        DateTime changed = StatX.Time(status + StatX.ChangeTimeOffset);
        return new CacheEntry(
            bytes.ToArray(),
            type == Libc.S_IFREG,
            type == Libc.S_IFDIR,
            *(long*)(status + StatX.BlocksOffset) * StatX.BlockSize,
            accessed > changed ? accessed : changed);
    }

    private static byte[] Terminated(ReadOnlySpan<byte> path)
    {
        var terminated = new byte[path.Length + 1];
        path.CopyTo(terminated);
        return terminated;
    }
}
