using System.Text;

namespace CacheFiles.Interop.Internal;

/// <summary>A file system that is being configured, and is mounted nowhere: fsopen(2). With its descriptor what was made of it ends.</summary>
internal sealed unsafe class FileSystemContext : LinuxHandle
{
    internal Errno Open(string type)
    {
        fixed (byte* name = Terminated(type))
        {
            // The second argument of fsopen and the third of fsconfig are read by the kernel as numbers or pointers of the same width.
            var fd = Libc.syscall(Libc.SYS_fsopen, (nint)name, Libc.FSOPEN_CLOEXEC, null, null, 0);
            if (fd < 0)
                return Sys.LastError;
            Own((int)fd);
            return Errno.None;
        }
    }

    internal Errno SetString(string key, string value)
    {
        fixed (byte* name = Terminated(key))
        fixed (byte* text = Terminated(value))
            return Configure(Libc.FSCONFIG_SET_STRING, name, text);
    }

    /// <summary>Reads the file system's first blocks, as a mount does.</summary>
    internal Errno Create() => Configure(Libc.FSCONFIG_CMD_CREATE, null, null);

    private Errno Configure(int command, byte* key, byte* value)
    {
        using Borrowed fd = new(this);
        return Libc.syscall(Libc.SYS_fsconfig, (int)fd, command, key, value, 0) < 0 ? Sys.LastError : Errno.None;
    }

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
