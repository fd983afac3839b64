using System.Runtime.InteropServices;
using System.Text;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>The open cachefiles device, and the verbs that the kernel offers on it.</summary>
/// <remarks>
/// <para>One process at a time can hold the device. Disposing it while objects are open leaves the device busy until their
/// <see cref="ObjectHandle"/>s are closed too; requests that wait are ended by the kernel with EIO.</para>
/// <para>Every verb may be called from several threads at once.</para>
/// </remarks>
public sealed class DeviceHandle : LinuxHandle
{
    /// <summary>Where the device node is on every distribution: <c>/dev/cachefiles</c>.</summary>
    public const string DefaultPath = "/dev/cachefiles";

    // Made before the read that may install a descriptor, used at the next OPEN: a READ allocates nothing, however many threads read.
    [ThreadStatic]
    private static ObjectHandle? t_spare;

    private DeviceHandle()
    {
    }

    /// <summary>Opens the device (fs/cachefiles/daemon.c, cachefiles_daemon_open). The descriptor is close-on-exec.</summary>
    /// <param name="path">The device node.</param>
    /// <exception cref="ArgumentException">The path contains a NUL.</exception>
    /// <exception cref="ErrnoException">EPERM or EACCES: no CAP_SYS_ADMIN. EBUSY: another process holds the device, or one of its
    /// anonymous fds. ENOENT, ENXIO, ENODEV: no such device; the module is not loaded or the kernel has none.</exception>
    public static DeviceHandle Open(string path = DefaultPath)
    {
        CString.Checked(path, nameof(path));
        var device = new DeviceHandle();
        var fd = Libc.open(path, Libc.O_RDWR | Libc.O_CLOEXEC);
        if (fd < 0)
        {
            Errno error = Sys.LastError;
            device.Dispose();
            throw new ErrnoException(error, $"open({path})", DeviceRemedy.ForOpen(error, path));
        }
        device.Own(fd);
        return device;
    }

    /// <summary>Writes one command: <c>dir</c>, <c>tag</c>, <c>bind ondemand</c>, <c>brun</c> … <c>fstop</c>, <c>secctx</c>, <c>debug</c>,
    /// <c>copen</c>, <c>restore</c>, <c>cull</c>, <c>inuse</c>.</summary>
    /// <param name="command">The bytes of the command, without NUL, shorter than a page.</param>
    /// <returns><see cref="Errno.None"/>, or the kernel's answer: EOPNOTSUPP for an unknown command, EINVAL for most mistakes.</returns>
    public unsafe Errno TryCommand(ReadOnlySpan<byte> command)
    {
        fixed (byte* bytes = command)
            return Sys.Write(this, bytes, command.Length, out _);
    }

    /// <summary>Writes one command and throws where the kernel refuses it.</summary>
    /// <param name="command">The command as text, for example <c>dir /var/cache/fscache</c>; written as UTF-8.</param>
    /// <exception cref="ErrnoException">The kernel refused the command.</exception>
    public void Command(string command)
    {
        Errno error = TryCommand(Encoding.UTF8.GetBytes(command ?? throw new ArgumentNullException(nameof(command))));
        if (error != Errno.None)
            throw new ErrnoException(error, command, DeviceRemedy.ForCommand(error, command));
    }

    /// <summary>Takes the next request (cachefiles_ondemand_daemon_read). Never blocks.</summary>
    /// <param name="buffer">Where the message goes; <see cref="CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE"/> bytes are always enough.</param>
    /// <param name="length">Bytes of the message.</param>
    /// <param name="opened">For an OPEN: the object's descriptor, close-on-exec, owned by the caller; <c>fd</c> in the message is then -1.</param>
    /// <returns><see cref="Errno.None"/> with a length of 0: nothing is pending. EMSGSIZE: the buffer is too small and the request stays queued.
    /// EMFILE: no descriptor is free for an OPEN. EIO: the cache is dead.</returns>
    public unsafe Errno TryRead(Span<byte> buffer, out int length, out ObjectHandle? opened)
    {
        opened = null;
        ObjectHandle spare = t_spare ??= new ObjectHandle();
        Errno error;
        fixed (byte* bytes = buffer)
            error = Sys.Read(this, bytes, buffer.Length, out length);
        if (error == Errno.None && length >= sizeof(CacheFilesMsg) + sizeof(CacheFilesOpen)
            && MemoryMarshal.Read<CacheFilesMsg>(buffer).Opcode == CacheFilesUapi.CACHEFILES_OP_OPEN)
        {
            ref CacheFilesOpen open = ref MemoryMarshal.Cast<byte, CacheFilesOpen>(buffer.Slice(sizeof(CacheFilesMsg), sizeof(CacheFilesOpen)))[0];
            t_spare = null;
            spare.Adopt(open.Fd);
            open.Fd = -1;
            opened = spare;
        }
        return error;
    }

    /// <summary>Answers an OPEN with the object's size: <c>copen &lt;msg_id&gt;,&lt;size&gt;</c> (cachefiles_ondemand_copen).</summary>
    /// <param name="msgId">The message id of the OPEN.</param>
    /// <param name="size">The object's size in bytes, or a negative <see cref="Errno"/> that refuses it.</param>
    /// <returns>EINVAL where no OPEN of that id waits any more.</returns>
    public Errno TryCompleteOpen(uint msgId, long size)
    {
        Span<byte> command = stackalloc byte[48];
        return TryCommand(command.Slice(0, CopenCommand.Format(command, msgId, size)));
    }

    /// <summary>Takes over a descriptor that this process was started with: one that a parent left open, or that systemd kept. From now on it is
    /// close-on-exec, and this handle closes it.</summary>
    /// <param name="descriptor">Its number. Whether it is the device is not looked at: see <see cref="IsDevice"/>.</param>
    /// <exception cref="ErrnoException">EBADF: no such descriptor is open.</exception>
    public static DeviceHandle TakeOver(int descriptor)
    {
        Sys.Check(Libc.fcntl(descriptor, Libc.F_GETFD, 0), $"fcntl({descriptor}, F_GETFD)");
        return FromDescriptor(descriptor);
    }

    /// <summary>Makes another handle of the same open device, close-on-exec. The kernel gives the cache up when the last one is closed, wherever it is.</summary>
    /// <exception cref="ErrnoException">EMFILE: no descriptor is free.</exception>
    public DeviceHandle Duplicate()
    {
        var copy = new DeviceHandle();
        using Borrowed fd = new(this);
        copy.Own(Sys.Check(Libc.fcntl(fd, Libc.F_DUPFD_CLOEXEC, 0), "fcntl(device, F_DUPFD_CLOEXEC)"));
        return copy;
    }

    /// <summary>Whether what is open here is the character device that a path names. A descriptor that came from elsewhere can be anything, and a
    /// command must not be written to a file.</summary>
    /// <param name="path">The device node.</param>
    /// <exception cref="ErrnoException">ENOENT, EACCES: the node cannot be looked at.</exception>
    public bool IsDevice(string path = DefaultPath)
    {
        using Borrowed fd = new(this);
        return DeviceNumber.OfDescriptor(fd) is { } number && number == DeviceNumber.OfPath(CString.Checked(path, nameof(path)));
    }

    /// <summary>Takes a device that is open already.</summary>
    internal static DeviceHandle FromDescriptor(int fd)
    {
        var device = new DeviceHandle();
        device.Adopt(fd);
        return device;
    }
}
