using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Device;

/// <summary>Devices that were opened by somebody else.</summary>
public sealed class DeviceAdoptTests : IDisposable
{
    private readonly TempFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_descriptor_that_is_taken_over_becomes_close_on_exec_and_has_this_owner()
    {
        var fd = Native.Duplicate(_file.Handle);
        using (DeviceHandle device = DeviceHandle.TakeOver(fd))
            Assert.True(Descriptors.IsCloseOnExec(fd));
        Assert.False(Descriptors.IsOpen(fd));
    }

    [Fact]
    public void A_number_that_is_not_open_is_EBADF()
        => Assert.Equal(Errno.EBADF, Assert.Throws<ErrnoException>(() => DeviceHandle.TakeOver(999_999)).Errno);

    [Fact]
    public void A_duplicate_is_open_after_its_original_is_closed_and_close_on_exec()
    {
        DeviceHandle device = _file.Handle.AsDevice();
        using DeviceHandle copy = device.Duplicate();
        device.Dispose();
        Assert.Equal(_file.Path, copy.Target());
        Assert.True(Descriptors.IsCloseOnExec(copy.Number()));
    }

    [Fact]
    public void A_device_is_recognised_by_its_number_and_nothing_else_is()
    {
        using DeviceHandle zero = DeviceHandle.Open("/dev/zero");
        using DeviceHandle file = _file.Handle.AsDevice();
        Assert.True(zero.IsDevice("/dev/zero"));
        Assert.False(zero.IsDevice("/dev/null"));
        Assert.False(zero.IsDevice(_file.Path));
        Assert.False(file.IsDevice("/dev/zero"));
        Assert.False(file.IsDevice(_file.Path));
    }

    [Fact]
    public void A_node_that_is_not_there_is_said()
    {
        using DeviceHandle zero = DeviceHandle.Open("/dev/zero");
        Assert.Equal(Errno.ENOENT, Assert.Throws<ErrnoException>(() => zero.IsDevice("/dev/nonexistent")).Errno);
    }
}
