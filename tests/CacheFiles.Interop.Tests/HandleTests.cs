using System.Runtime.CompilerServices;
using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests;

public sealed class HandleTests : IDisposable
{
    private readonly TempFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void An_adopted_descriptor_becomes_close_on_exec()
    {
        var fd = Native.Duplicate(_file.Handle);
        Assert.False(Descriptors.IsCloseOnExec(fd));
        using var handle = new ObjectHandle();
        handle.Adopt(fd);
        Assert.True(Descriptors.IsCloseOnExec(fd));
    }

    [Fact]
    public void Disposing_closes_the_descriptor()
    {
        var open = Descriptors.CountOf(_file.Path);
        ObjectHandle handle = _file.AsObject();
        Assert.Equal(open + 1, Descriptors.CountOf(_file.Path));
        handle.Dispose();
        Assert.Equal(open, Descriptors.CountOf(_file.Path));
        Assert.True(handle.IsClosed);
    }

    [Fact]
    public void An_object_counts_as_open_until_its_descriptor_is_closed()
    {
        // What an earlier test forgot is not to be closed in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var open = ObjectHandle.OpenCount;
        ObjectHandle handle = _file.AsObject();
        Assert.Equal(open + 1, ObjectHandle.OpenCount);
        handle.Dispose();
        handle.Dispose();
        Assert.Equal(open, ObjectHandle.OpenCount);
    }

    [Fact]
    public void Disposing_again_does_not_close_what_got_the_number_since()
    {
        ObjectHandle handle = _file.AsObject();
        var fd = handle.Number();
        handle.Dispose();
        using FileStream other = File.OpenRead("/dev/null");
        Native.DuplicateTo(other.SafeFileHandle, fd);
        handle.Dispose();
        Assert.Equal("/dev/null", Descriptors.Target(fd));
        Native.Close(fd);
    }

    [Fact]
    public void A_handle_that_nobody_disposed_is_closed_by_the_collector()
    {
        var fd = Forget(_file);
        Assert.True(SpinWait.SpinUntil(Collected, Worker<int>.Patience), "The descriptor stays open.");

        bool Collected()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !Descriptors.IsOpen(fd);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static int Forget(TempFile file) => file.AsObject().Number();
    }

    [Fact]
    public void Disposing_while_a_thread_is_in_a_call_closes_after_the_call()
    {
        var (read, write) = Native.Pipe();
        using (write)
        {
            DeviceHandle device;
            using (read)
                device = read.AsDevice();
            var fd = device.Number();
            var pipe = device.Target();
            var buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
            var reader = new Worker<(Errno, int)>(() => (device.TryRead(buffer, out var length, out _), length));
            reader.AsleepOn(fd);

            device.Dispose();

            Assert.Equal(pipe, Descriptors.Target(fd));
            var sent = Messages.Read();
            Native.Send(write, sent);
            Assert.Equal((Errno.None, sent.Length), reader.Result);
            Assert.Equal(sent, buffer[..sent.Length]);
            Assert.False(Descriptors.IsOpen(fd));
        }
    }

    [Fact]
    public void A_handle_that_owns_nothing_is_invalid_and_its_calls_fail_with_EBADF()
    {
        using var handle = new ObjectHandle();
        Assert.True(handle.IsInvalid);
        Assert.Equal(Errno.EBADF, handle.TryCompleteRead(1));
    }

    [Fact]
    public void Every_call_on_a_disposed_handle_throws_ObjectDisposedException()
    {
        ObjectHandle handle = _file.AsObject();
        DeviceHandle device = _file.Handle.AsDevice();
        var wake = new WakeEvent();
        var (end, far) = StandIn.Device();
        var poller = new DevicePoller(end, wake);
        far.Dispose();
        end.Dispose();
        handle.Dispose();
        device.Dispose();
        wake.Dispose();
        poller.Dispose();
        var block = new AlignedBuffer(512);
        Assert.All(
            new Action[]
            {
                () => handle.TryWriteAt(block.Slice(0, 512), 0),
                () => handle.WriteAt(block.Slice(0, 512), 0),
                () => handle.TryCompleteRead(1),
                () => handle.SeekData(0),
                () => handle.SeekHole(0),
                () => handle.SeekEnd(),
                () => device.TryRead(new byte[1024], out _, out _),
                () => device.TryCommand("bind"u8),
                () => device.Command("bind"),
                () => device.TryCompleteOpen(1, 0),
                () => wake.Set(),
                () => poller.Wait(0),
                () => new DevicePoller(device, wake).Dispose(),
            },
            call => Assert.Throws<ObjectDisposedException>(call));
    }
}
