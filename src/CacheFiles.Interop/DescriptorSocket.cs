using System.Runtime.InteropServices;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>Passes an open device from process to process over a connected unix socket: sendmsg(2) and recvmsg(2) with SCM_RIGHTS.</summary>
/// <remarks>The sockets are borrowed, and may be the framework's own (<c>Socket.SafeHandle</c>). No call waits: EAGAIN says that it would have to.</remarks>
public static class DescriptorSocket
{
    // Room for more than the one that is expected: what does not fit the kernel drops, what fits is seen and closed.
    private static readonly int s_maxDescriptors = 8;

    /// <summary>Sends bytes, and with the first of them a duplicate of a device.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">The bytes, at least one: a descriptor cannot travel alone.</param>
    /// <param name="device">The device, or null for none. The caller keeps it.</param>
    /// <param name="sent">How many bytes went; a stream socket may take fewer than all. The device went with the first.</param>
    /// <returns>EAGAIN: nothing can be sent now. EPIPE, ECONNRESET, ECONNREFUSED: the other end is gone. EPERM: the other end refuses descriptors.</returns>
    /// <exception cref="ArgumentException">There are no bytes.</exception>
    public static unsafe Errno TrySend(SafeHandle socket, ReadOnlySpan<byte> data, DeviceHandle? device, out int sent)
    {
        if (data.IsEmpty)
            throw new ArgumentException("A descriptor travels with at least one byte.", nameof(data));
        if (device is null)
            return Send(socket, data, null, 0, out sent);
        using Borrowed passed = new(device);
        var control = stackalloc byte[sizeof(CMsgHdr) + sizeof(nuint)];
        var header = (CMsgHdr*)control;
        *header = new CMsgHdr { Length = (nuint)(sizeof(CMsgHdr) + sizeof(int)), Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS };
        *(nuint*)(header + 1) = 0;
        *(int*)(header + 1) = passed;
        return Send(socket, data, control, sizeof(CMsgHdr) + sizeof(nuint), out sent);
    }

    /// <summary>Receives bytes, and the descriptor that comes with them.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="received">How many came; 0 where the other end has closed.</param>
    /// <param name="device">What came with them, close-on-exec, owned by the caller; else null. It can be any file: see <see cref="DeviceHandle.IsDevice"/>.
    /// Where several came the first is given and the others are closed.</param>
    /// <returns>EAGAIN: nothing has come. ECONNRESET: the other end is gone.</returns>
    public static unsafe Errno TryReceive(SafeHandle socket, Span<byte> buffer, out int received, out DeviceHandle? device)
    {
        var length = sizeof(CMsgHdr) + (s_maxDescriptors * sizeof(int));
        var control = stackalloc byte[length];
        nint result;
        Errno error;
        MsgHdr message;
        using BorrowedSocket fd = new(socket);
        fixed (byte* bytes = buffer)
        {
            IoVec vector = new() { Base = (nint)bytes, Length = (nuint)buffer.Length };
            do
            {
                message = new MsgHdr { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)control, ControlLength = (nuint)length };
                result = Libc.recvmsg(fd, &message, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC);
                error = result >= 0 ? Errno.None : Sys.LastError;
            }
            while (error == Errno.EINTR);
        }
        received = result >= 0 ? (int)result : 0;
        device = error == Errno.None ? TakeDescriptors(control, (int)message.ControlLength) : null;
        return error;
    }

    private static unsafe Errno Send(SafeHandle socket, ReadOnlySpan<byte> data, void* control, int controlLength, out int sent)
    {
        nint result;
        Errno error;
        using BorrowedSocket fd = new(socket);
        fixed (byte* bytes = data)
        {
            IoVec vector = new() { Base = (nint)bytes, Length = (nuint)data.Length };
            MsgHdr message = new() { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)control, ControlLength = (nuint)controlLength };
            do
            {
                result = Libc.sendmsg(fd, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
                error = result >= 0 ? Errno.None : Sys.LastError;
            }
            while (error == Errno.EINTR);
        }
        sent = result >= 0 ? (int)result : 0;
        return error;
    }

    private static unsafe DeviceHandle? TakeDescriptors(byte* control, int length)
    {
        DeviceHandle? first = null;
        for (var start = 0; start + sizeof(CMsgHdr) <= length;)
        {
            var header = (CMsgHdr*)(control + start);
            var end = start + (int)header->Length;
            if ((int)header->Length < sizeof(CMsgHdr) || end > length)
                break;
            if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
            {
                for (var at = start + sizeof(CMsgHdr); at + sizeof(int) <= end; at += sizeof(int))
                {
                    DeviceHandle next = DeviceHandle.FromDescriptor(*(int*)(control + at));
                    if (first is null)
                        first = next;
                    else
                        next.Dispose();
                }
            }
            start += ((int)header->Length + sizeof(nuint) - 1) & -sizeof(nuint);
        }
        return first;
    }
}
