using System.Runtime.InteropServices;
using CacheFiles.Interop.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Device;

public sealed class DeviceReadTests : IDisposable
{
    private const int FdAt = 24;

    private readonly DeviceHandle _device;
    private readonly SafeFileHandle _kernel;
    private readonly TempFile _file = new();
    private readonly byte[] _buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];

    public DeviceReadTests() => (_device, _kernel) = StandIn.Device();

    public void Dispose()
    {
        _device.Dispose();
        _kernel.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void An_OPEN_gives_its_descriptor_to_the_caller_and_leaves_minus_one_in_the_message()
    {
        var fd = Native.Duplicate(_file.Handle);
        var sent = Messages.Open(fd);
        Native.Send(_kernel, sent);

        Assert.Equal(Errno.None, _device.TryRead(_buffer, out var length, out ObjectHandle? opened));

        Assert.NotNull(opened);
        Assert.Equal(fd, opened.Number());
        Assert.True(Descriptors.IsCloseOnExec(fd));
        Assert.Equal(-1, MemoryMarshal.Read<int>(_buffer.AsSpan(FdAt)));
        Assert.Equal([.. sent[..FdAt], 0xFF, 0xFF, 0xFF, 0xFF, .. sent[(FdAt + 4)..]], _buffer[..length]);
        opened.Dispose();
        Assert.False(Descriptors.IsOpen(fd));
    }

    [Fact]
    public void Each_OPEN_has_a_handle_of_its_own()
    {
        Native.Send(_kernel, Messages.Open(Native.Duplicate(_file.Handle)));
        Native.Send(_kernel, Messages.Open(Native.Duplicate(_file.Handle)));
        ObjectHandle one = Opened(_buffer);
        ObjectHandle other = Opened(_buffer);
        one.Dispose();
        Assert.NotSame(one, other);
        Assert.False(other.IsClosed);
        Assert.True(Descriptors.IsOpen(other.Number()));
        other.Dispose();
    }

    [Fact]
    public void A_message_may_begin_at_any_address()
    {
        for (var start = 0; start < 8; start++)
        {
            var fd = Native.Duplicate(_file.Handle);
            Native.Send(_kernel, Messages.Open(fd));
            using ObjectHandle opened = Opened(_buffer.AsSpan(start));
            Assert.Equal(fd, opened.Number());
        }
    }

    [Fact]
    public void An_OPEN_without_its_keys_still_gives_its_descriptor()
    {
        var fd = Native.Duplicate(_file.Handle);
        Native.Send(_kernel, Messages.Open(fd).AsSpan(0, 32));
        using ObjectHandle opened = Opened(_buffer);
        Assert.Equal(fd, opened.Number());
    }

    [Fact]
    public void A_READ_takes_no_descriptor_and_comes_unchanged()
    {
        // Its length stands where an OPEN has its descriptor.
        AssertTakesNothing(Messages.Read(off: 8192, len: (ulong)_file.Handle.Number()));
    }

    [Fact]
    public void A_CLOSE_takes_no_descriptor_and_comes_unchanged() => AssertTakesNothing(Messages.Close());

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(28)]
    [InlineData(31)]
    public void An_OPEN_that_is_cut_short_takes_no_descriptor(int length) => AssertTakesNothing(Messages.Open(_file.Handle.Number())[..length]);

    [Fact]
    public void Garbage_that_is_no_OPEN_takes_no_descriptor()
    {
        Random random = Seed.Random();
        for (var i = 0; i < 1000; i++)
        {
            var garbage = new byte[random.Next(1, CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE + 1)];
            random.NextBytes(garbage);
            if (garbage.Length > 4)
                garbage[4] |= 1; // the opcode; OPEN is 0
            AssertTakesNothing(garbage);
        }
    }

    [Fact]
    public void Nothing_pending_is_a_length_of_zero()
    {
        using DeviceHandle device = _file.Handle.AsDevice();
        Assert.Equal(Errno.None, device.TryRead(_buffer, out var length, out ObjectHandle? opened));
        Assert.Equal(0, length);
        Assert.Null(opened);
    }

    [Fact]
    public void An_error_is_a_value_and_leaves_no_message()
    {
        Native.Send(_kernel, Messages.Open(_file.Handle.Number()));
        _device.TryRead(_buffer.AsSpan(0, 16), out _, out _); // an old OPEN stays in the buffer
        Assert.Equal(Errno.EAGAIN, _device.TryRead(_buffer, out var length, out ObjectHandle? opened));
        Assert.Equal(0, length);
        Assert.Null(opened);
    }

    private ObjectHandle Opened(Span<byte> buffer)
    {
        Assert.Equal(Errno.None, _device.TryRead(buffer, out _, out ObjectHandle? opened));
        Assert.NotNull(opened);
        return opened;
    }

    private void AssertTakesNothing(byte[] sent)
    {
        Native.Send(_kernel, sent);
        Assert.Equal(Errno.None, _device.TryRead(_buffer, out var length, out ObjectHandle? opened));
        Assert.Null(opened);
        Assert.Equal(sent, _buffer[..length]);
        Assert.True(Descriptors.IsOpen(_file.Handle.Number()));
    }
}
