using CacheFiles.Interop.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Objects;

public sealed class ObjectWriteErrorTests
{
    [Fact]
    public void A_write_that_the_kernel_cuts_short_goes_on_and_ends_with_the_kernels_error()
    {
        var page = ObjectHandle.OffsetAlignment;
        // The file cannot grow: the kernel takes the two pages that it has, then refuses the next with EPERM.
        using SafeFileHandle sealedFile = Native.SealedFile(2 * page);
        using ObjectHandle handle = sealedFile.AsObject();
        var buffer = new AlignedBuffer(4 * page);
        Assert.Equal(Errno.EPERM, handle.TryWriteAt(buffer.Slice(0, 4 * page), 0));
        var written = new byte[2 * page];
        Assert.Equal(written.Length, RandomAccess.Read(sealedFile, written, 0));
        Assert.Equal(buffer.Slice(0, written.Length).ToArray(), written);
    }

    [Fact]
    public void A_full_disk_is_ENOSPC()
    {
        using SafeFileHandle full = File.OpenHandle("/dev/full", access: FileAccess.ReadWrite);
        AssertError(Errno.ENOSPC, full);
    }

    [Fact]
    public void A_descriptor_that_cannot_be_written_is_EBADF()
    {
        using SafeFileHandle readOnly = File.OpenHandle("/dev/null");
        AssertError(Errno.EBADF, readOnly);
    }

    [Fact]
    public void A_pipe_is_ESPIPE()
    {
        var (read, write) = Native.Pipe();
        using (read)
        using (write)
            AssertError(Errno.ESPIPE, write);
    }

    private static void AssertError(Errno expected, SafeFileHandle file)
    {
        using ObjectHandle handle = file.AsObject();
        var block = new AlignedBuffer(512);
        var offset = 3L * ObjectHandle.OffsetAlignment;
        Assert.Equal(expected, handle.TryWriteAt(block.Slice(0, 512), offset));
        ErrnoException failure = Assert.Throws<ErrnoException>(() => handle.WriteAt(block.Slice(0, 512), offset));
        Assert.Equal(expected, failure.Errno);
        Assert.Equal($"pwrite(object, 512 bytes at {offset})", failure.Operation);
    }
}
