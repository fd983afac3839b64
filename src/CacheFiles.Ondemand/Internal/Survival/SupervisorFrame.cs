using System.Buffers.Binary;
using System.Net.Sockets;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>What goes over the supervisor's socket: a length (4 bytes, little-endian, of what follows the kind), a kind, the payload. A device
/// travels with the first byte.</summary>
internal readonly record struct SupervisorFrame(SupervisorVerb Verb, byte[] Payload, DeviceHandle? Device = null)
{
    /// <summary>More than any state needs: what says that it is longer is garbage.</summary>
    internal const int MaxPayload = 1 << 20;

    private const int HeaderSize = sizeof(int) + 1;

    internal async Task SendAsync(Socket socket, CancellationToken cancellationToken)
    {
        var bytes = new byte[HeaderSize + Payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Payload.Length);
        bytes[sizeof(int)] = (byte)Verb;
        Payload.CopyTo(bytes, HeaderSize);
        var sent = 0;
        if (Device is not null)
        {
            Errno error = DescriptorSocket.TrySend(socket.SafeHandle, bytes, Device, out sent);
            if (error != Errno.None)
                throw new ErrnoException(error, "sendmsg(supervisor)");
        }
        while (sent < bytes.Length)
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Receives one.</summary>
    /// <exception cref="InvalidDataException">It is garbage, or only a half.</exception>
    internal static async Task<SupervisorFrame> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        DeviceHandle? device = null;
        try
        {
            var header = new byte[HeaderSize];
            device = await FillAsync(socket, header, cancellationToken).ConfigureAwait(false);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is < 0 or > MaxPayload || !Enum.IsDefined((SupervisorVerb)header[^1]))
                throw new InvalidDataException($"a message of kind {header[^1]} and {length} bytes is none of the protocol");
            var payload = new byte[length];
            (await FillAsync(socket, payload, cancellationToken).ConfigureAwait(false))?.Dispose();
            var frame = new SupervisorFrame((SupervisorVerb)header[^1], payload, device);
            device = null;
            return frame;
        }
        finally
        {
            device?.Dispose();
        }
    }

    private static async Task<DeviceHandle?> FillAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        DeviceHandle? device = null;
        try
        {
            for (var filled = 0; filled < buffer.Length;)
            {
                // Only waits: the bytes and what comes with them are taken below.
                await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
                Errno error = DescriptorSocket.TryReceive(socket.SafeHandle, buffer.AsSpan(filled), out var count, out DeviceHandle? next);
                if (next is not null)
                {
                    device?.Dispose();
                    device = next;
                }
                if (error == Errno.EAGAIN)
                    continue;
                if (error != Errno.None)
                    throw new ErrnoException(error, "recvmsg(supervisor)");
                if (count == 0)
                    throw new InvalidDataException($"the connection ended after {filled} of {buffer.Length} bytes");
                filled += count;
            }
            DeviceHandle? result = device;
            device = null;
            return result;
        }
        finally
        {
            device?.Dispose();
        }
    }
}
