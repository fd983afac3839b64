using CacheFiles.Interop.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Sockets;

/// <summary>A file stands in for the device.</summary>
public sealed class DescriptorSocketTests : IDisposable
{
    private readonly TempFile _file = new();
    private readonly SafeFileHandle _one;
    private readonly SafeFileHandle _other;

    public DescriptorSocketTests() => (_one, _other) = Native.StreamPair();

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void A_descriptor_arrives_with_its_bytes_close_on_exec_and_the_sender_keeps_its_own()
    {
        using DeviceHandle device = _file.Handle.AsDevice();

        Assert.Equal(Errno.None, DescriptorSocket.TrySend(_one, "hello"u8, device, out var sent));
        Assert.Equal(5, sent);
        Assert.Equal((Errno.None, "hello"), Receive(out DeviceHandle? arrived));

        using (arrived)
        {
            Assert.Equal(_file.Path, arrived!.Target());
            Assert.NotEqual(device.Number(), arrived!.Number());
            Assert.True(Descriptors.IsCloseOnExec(arrived!.Number()));
        }
        Assert.Equal(_file.Path, device.Target());
    }

    [Fact]
    public void Bytes_without_a_descriptor_bring_none()
    {
        Assert.Equal(Errno.None, DescriptorSocket.TrySend(_one, "hello"u8, null, out _));
        Assert.Equal((Errno.None, "hello"), Receive(out DeviceHandle? arrived));
        Assert.Null(arrived);
    }

    [Fact]
    public void Nothing_that_has_come_is_EAGAIN_and_the_end_is_no_bytes()
    {
        Assert.Equal((Errno.EAGAIN, ""), Receive(out _));
        _one.Dispose();
        Assert.Equal((Errno.None, ""), Receive(out _));
    }

    [Fact]
    public void An_end_that_is_gone_is_EPIPE_and_no_signal()
    {
        _other.Dispose();
        Assert.Equal(Errno.EPIPE, DescriptorSocket.TrySend(_one, "x"u8, null, out _));
    }

    [Fact]
    public void A_descriptor_that_nobody_takes_is_closed_with_the_socket()
    {
        var open = Descriptors.CountOf(_file.Path);
        using (DeviceHandle device = _file.Handle.AsDevice())
            Assert.Equal(Errno.None, DescriptorSocket.TrySend(_one, "x"u8, device, out _));
        _one.Dispose();
        _other.Dispose();
        Assert.Equal(open, Descriptors.CountOf(_file.Path));
    }

    [Fact]
    public void No_bytes_are_refused()
        => Assert.Throws<ArgumentException>(() => DescriptorSocket.TrySend(_one, default, null, out _));

    [Fact]
    public void The_peer_of_a_pair_is_this_process()
    {
        PeerCredentials peer = PeerCredentials.Of(_one);
        Assert.Equal(Environment.ProcessId, peer.Pid);
        var ids = File.ReadLines("/proc/self/status").Where(l => l.StartsWith("Uid:", StringComparison.Ordinal) || l.StartsWith("Gid:", StringComparison.Ordinal))
            .ToDictionary(l => l[0], l => uint.Parse(l.Split('\t')[2], null));
        Assert.Equal((ids['U'], ids['G']), (peer.Uid, peer.Gid));
    }

    [Fact]
    public void A_file_has_no_peer()
        => Assert.Equal(Errno.ENOTSOCK, Assert.Throws<ErrnoException>(() => PeerCredentials.Of(_file.Handle)).Errno);

    private (Errno, string) Receive(out DeviceHandle? device)
    {
        var buffer = new byte[64];
        Errno error = DescriptorSocket.TryReceive(_other, buffer, out var received, out device);
        return (error, System.Text.Encoding.UTF8.GetString(buffer, 0, received));
    }
}
