using System.Net.Sockets;
using System.Text;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>systemd's notification socket: one datagram for each message, which a descriptor may go with (sd_notify(3)).</summary>
internal sealed class NotifySocket(string address)
{
    // systemd takes its datagrams at once; a queue that stays full this long belongs to nobody.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <exception cref="ErrnoException">Nobody listens there.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    internal void Send(string message, DeviceHandle? device = null)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        // An abstract address is written with an at sign for its NUL.
        socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address));
        var bytes = Encoding.UTF8.GetBytes(message);
        Errno error = DescriptorSocket.TrySend(socket.SafeHandle, bytes, device, out _);
        if (error == Errno.EAGAIN && socket.Poll(s_patience, SelectMode.SelectWrite))
            error = DescriptorSocket.TrySend(socket.SafeHandle, bytes, device, out _);
        if (error != Errno.None)
            throw new ErrnoException(error, $"sendmsg({address})");
    }
}
