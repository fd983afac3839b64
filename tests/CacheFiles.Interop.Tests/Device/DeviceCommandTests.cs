using System.Globalization;
using System.Text;
using CacheFiles.Interop.Internal;
using CacheFiles.Interop.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Device;

public sealed class DeviceCommandTests : IDisposable
{
    private readonly DeviceHandle _device;
    private readonly SafeFileHandle _kernel;

    public DeviceCommandTests() => (_device, _kernel) = StandIn.Device();

    public void Dispose()
    {
        _device.Dispose();
        _kernel.Dispose();
    }

    [Fact]
    public void A_command_is_one_write_of_exactly_its_bytes()
    {
        byte[] command = [.. "secctx "u8, 0x00, 0xFF, 0x0A];
        Assert.Equal(Errno.None, _device.TryCommand(command));
        Assert.Equal([command], Packets());
    }

    [Fact]
    public void A_command_as_text_is_one_write_of_its_UTF8_without_a_newline_or_NUL()
    {
        _device.Command("dir /var/cache/zwölf");
        Assert.Equal(["dir /var/cache/zwölf"u8.ToArray()], Packets());
    }

    [Fact]
    public void Each_command_is_a_write_of_its_own()
    {
        _device.Command("tag one");
        _device.Command("bind ondemand");
        Assert.Equal(["tag one", "bind ondemand"], Packets().Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData(0u, 0L, "copen 0,0")]
    [InlineData(1u, 4096L, "copen 1,4096")]
    [InlineData(7u, -5L, "copen 7,-5")]
    [InlineData(uint.MaxValue, long.MaxValue, "copen 4294967295,9223372036854775807")]
    [InlineData(uint.MaxValue, long.MinValue, "copen 4294967295,-9223372036854775808")]
    public void The_answer_to_an_OPEN_is_one_copen(uint msgId, long size, string expected)
    {
        Assert.Equal(Errno.None, _device.TryCompleteOpen(msgId, size));
        Assert.Equal([expected], Packets().Select(Encoding.ASCII.GetString));
    }

    [Fact]
    public void Every_id_and_size_is_written_in_decimal()
    {
        Random random = Seed.Random();
        Span<byte> command = stackalloc byte[48];
        for (var i = 0; i < 10_000; i++)
        {
            // Shifted, so that short numbers are as likely as long ones.
            var msgId = (uint)random.NextInt64(1L << 32) >> random.Next(32);
            var size = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            var length = CopenCommand.Format(command, msgId, size);
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"copen {msgId},{size}"), Encoding.ASCII.GetString(command[..length]));
        }
    }

    [Fact]
    public void A_refused_command_is_a_value_or_an_exception_as_the_caller_likes()
    {
        using FileStream readOnly = File.OpenRead("/dev/null");
        using DeviceHandle device = readOnly.SafeFileHandle.AsDevice();
        Assert.Equal(Errno.EBADF, device.TryCommand("bind"u8));
        Assert.Equal(Errno.EBADF, device.TryCompleteOpen(1, 0));
        ErrnoException failure = Assert.Throws<ErrnoException>(() => device.Command("bind ondemand"));
        Assert.Equal(Errno.EBADF, failure.Errno);
        Assert.Equal("bind ondemand", failure.Operation);
    }

    [Fact]
    public void No_command_is_refused() => Assert.Throws<ArgumentNullException>("command", () => _device.Command(null!));

    [Theory]
    [InlineData(Errno.EINVAL, "bind ondemand", "CONFIG_CACHEFILES_ONDEMAND")]
    [InlineData(Errno.EOPNOTSUPP, "bind ondemand", "extended attributes")]
    [InlineData(Errno.ENOENT, "bind ondemand", "create it")]
    [InlineData(Errno.ENOTDIR, "bind ondemand", "not a directory")]
    [InlineData(Errno.EBUSY, "bind ondemand", "bound already")]
    [InlineData(Errno.EROFS, "bind ondemand", "read-only")]
    [InlineData(Errno.EINVAL, "brun 200%", "0 <= stop < cull < run < 100")]
    [InlineData(Errno.EINVAL, "fstop 99%", "0 <= stop < cull < run < 100")]
    [InlineData(Errno.EEXIST, "dir /a", "set already")]
    [InlineData(Errno.EEXIST, "tag a", "set already")]
    [InlineData(Errno.EOPNOTSUPP, "restore", "No cache is bound")]
    [InlineData(Errno.EOPNOTSUPP, "copen 1,4096", "No cache is bound")]
    [InlineData(Errno.EOPNOTSUPP, "cull name", "does not know the command")]
    public void What_can_be_done_about_a_refused_command_is_known(Errno error, string command, string words)
        => Assert.Contains(words, DeviceRemedy.ForCommand(error, command), StringComparison.Ordinal);

    [Theory]
    [InlineData(Errno.EINVAL, "copen 1,1")]
    [InlineData(Errno.EINVAL, "binder")]
    [InlineData(Errno.EIO, "bind ondemand")]
    public void Where_nothing_is_known_nothing_is_advised(Errno error, string command) => Assert.Null(DeviceRemedy.ForCommand(error, command));

    private List<byte[]> Packets()
    {
        List<byte[]> packets = [];
        while (Native.TakePacket(_kernel) is { } packet)
            packets.Add(packet);
        return packets;
    }
}
