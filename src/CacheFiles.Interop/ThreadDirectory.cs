using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>A working directory of the calling thread's own. The device's <c>cull</c> and <c>inuse</c> name a file in the caller's working
/// directory, and the process's is not to be moved for that.</summary>
public static class ThreadDirectory
{
    /// <summary>Parts the calling thread's working directory, root and umask from the process's: unshare(CLONE_FS). It cannot be undone, so this is
    /// for a thread that is kept for such work.</summary>
    /// <exception cref="ErrnoException">ENOMEM; EPERM where a sandbox forbids the call.</exception>
    public static void Detach()
    {
        if (Libc.unshare(Libc.CLONE_FS) < 0)
            throw new ErrnoException(Sys.LastError, "unshare(CLONE_FS)");
    }

    /// <summary>Moves the calling thread into a directory. To be called after <see cref="Detach"/>, else the whole process moves.</summary>
    /// <param name="path">The directory as bytes, without NUL.</param>
    /// <returns>ENOENT, ENOTDIR, EACCES; <see cref="Errno.None"/> where it moved.</returns>
    public static unsafe Errno TryChange(ReadOnlySpan<byte> path)
    {
        var terminated = new byte[path.Length + 1];
        path.CopyTo(terminated);
        fixed (byte* bytes = terminated)
            return Libc.chdir(bytes) < 0 ? Sys.LastError : Errno.None;
    }
}
