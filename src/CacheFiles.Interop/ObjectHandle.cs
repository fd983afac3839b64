using System.Globalization;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>The anonymous fd of an open object: its bytes are written through it and its READs completed on it.</summary>
/// <remarks>
/// Closing it while the kernel still has the object open makes the kernel send another OPEN for it, with a new object id. As long as one is
/// open anywhere the device is busy for the next daemon.
/// </remarks>
public sealed class ObjectHandle : LinuxHandle
{
    /// <summary>What the length and the memory of a write are to be multiples of, in bytes: the kernel writes with O_DIRECT.</summary>
    public const int WriteAlignment = 512;

    private static int s_openCount;

    internal ObjectHandle()
    {
    }

    /// <summary>How many of them are open in this process. One that was disposed is open until the last call on it has returned; a device can be
    /// handed over when there are none.</summary>
    public static int OpenCount => Volatile.Read(ref s_openCount);

    /// <summary>What the offset of a write is to be a multiple of, in bytes: the kernel's page size.</summary>
    public static int OffsetAlignment { get; } = Environment.SystemPageSize;

    /// <summary>Writes bytes of the object (cachefiles_ondemand_fd_write_iter).</summary>
    /// <param name="data">The bytes; length and address are multiples of <see cref="WriteAlignment"/>.</param>
    /// <param name="offset">Where they go; a multiple of <see cref="OffsetAlignment"/>. Linux 6.1 silently rounds other offsets down and so
    /// puts the bytes in the wrong place, which is why they are refused here, on every kernel.</param>
    /// <returns>ENOBUFS: no space for the cache, or the object has no file (yet, or any more). ENOSPC: the disk is full. EIO.</returns>
    /// <exception cref="ArgumentException">Offset, length or memory is not aligned. Nothing was written.</exception>
    public unsafe Errno TryWriteAt(ReadOnlySpan<byte> data, long offset)
    {
        if (offset < 0 || offset % OffsetAlignment != 0)
            throw new ArgumentException($"A write starts at a multiple of the page size ({OffsetAlignment} bytes), not at {offset}.", nameof(offset));
        if (data.Length % WriteAlignment != 0)
            throw new ArgumentException($"A write is a multiple of {WriteAlignment} bytes long, not {data.Length}.", nameof(data));
        fixed (byte* bytes = data)
        {
            if ((nuint)bytes % WriteAlignment != 0)
                throw new ArgumentException($"A write comes from memory aligned to {WriteAlignment} bytes.", nameof(data));
            return WriteAll(bytes, data.Length, offset);
        }
    }

    /// <summary>Writes bytes of the object and throws where the kernel refuses.</summary>
    /// <param name="data">See <see cref="TryWriteAt"/>.</param>
    /// <param name="offset">See <see cref="TryWriteAt"/>.</param>
    /// <exception cref="ErrnoException">The kernel refused: see <see cref="TryWriteAt"/>.</exception>
    /// <exception cref="ArgumentException">Offset, length or memory is not aligned. Nothing was written.</exception>
    public void WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        Errno error = TryWriteAt(data, offset);
        if (error != Errno.None)
            throw new ErrnoException(error, $"pwrite(object, {data.Length} bytes at {offset})");
    }

    /// <summary>Releases the reader that waits for a READ (cachefiles_ondemand_fd_ioctl). The kernel then looks for the data again: a hole
    /// that is still there becomes EIO, for there is no other way to answer a READ with an error.</summary>
    /// <param name="msgId">The message id of the READ.</param>
    /// <returns>EINVAL: no READ of that id waits on this object (any more); the reader was killed, for example. Harmless.</returns>
    public Errno TryCompleteRead(uint msgId) => Sys.Ioctl(this, CacheFilesUapi.CACHEFILES_IOC_READ_COMPLETE, msgId);

    /// <summary>Releases the reader of a READ through any anonymous fd of this process that belongs to its object, whoever owns it.</summary>
    /// <param name="msgId">The message id of the READ.</param>
    /// <returns>False where no such fd is open here.</returns>
    public static bool TryReleaseOrphan(uint msgId)
    {
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
        {
            // The kernel takes the id only on a descriptor of the READ's own object; another kind of file knows no such ioctl.
            if (Sys.LinkTarget(link) == "anon_inode:[cachefiles]"
                && int.TryParse(Path.GetFileName(link), NumberStyles.None, CultureInfo.InvariantCulture, out var fd)
                && Libc.ioctl(fd, CacheFilesUapi.CACHEFILES_IOC_READ_COMPLETE, msgId) == 0)
                return true;
        }
        return false;
    }

    /// <summary>Finds the next byte at or behind an offset that is cached.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <returns>Its offset, or -1 where nothing behind is cached.</returns>
    /// <exception cref="ErrnoException">The object has no file (any more).</exception>
    public long SeekData(long offset) => SeekMap(offset, Libc.SEEK_DATA, "SEEK_DATA");

    /// <summary>Finds the next byte at or behind an offset that is not cached; the object's end counts as one.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <returns>Its offset, or -1 where the offset is at or beyond the end.</returns>
    /// <exception cref="ErrnoException">The object has no file (any more).</exception>
    public long SeekHole(long offset) => SeekMap(offset, Libc.SEEK_HOLE, "SEEK_HOLE");

    /// <summary>The size of the object's file in bytes.</summary>
    /// <exception cref="ErrnoException">The object has no file (any more).</exception>
    public long SeekEnd()
    {
        Errno error = Sys.Seek(this, 0, Libc.SEEK_END, out var end);
        return error == Errno.None ? end : throw new ErrnoException(error, "lseek(object, SEEK_END)");
    }

    internal override void Adopt(int fd)
    {
        base.Adopt(fd);
        Interlocked.Increment(ref s_openCount);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        var released = base.ReleaseHandle();
        Interlocked.Decrement(ref s_openCount);
        return released;
    }

    private unsafe Errno WriteAll(byte* bytes, int length, long offset)
    {
        var done = 0;
        while (done < length)
        {
            Errno error = Sys.PWrite(this, bytes + done, length - done, offset + done, out var written);
            if (error != Errno.None)
                return error;
            // A short write goes on at the last whole page; one that did not complete a page will not do so the next time either.
            var advanced = done + written == length ? written : written / OffsetAlignment * OffsetAlignment;
            if (advanced == 0)
                return Errno.ENOSPC;
            done += advanced;
        }
        return Errno.None;
    }

    private long SeekMap(long offset, int whence, string name)
    {
        Errno error = Sys.Seek(this, offset, whence, out var position);
        return error switch
        {
            Errno.None => position,
            Errno.ENXIO => -1,
            _ => throw new ErrnoException(error, $"lseek(object, {offset}, {name})"),
        };
    }
}
