using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A daemon that does nothing by itself: the test takes each message and gives each answer.</summary>
internal abstract class HandDevice(IKernelDevice device) : IDisposable
{
    private readonly byte[] _buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];

    /// <summary>Puts a blob's bytes from an offset on into memory.</summary>
    protected delegate void Filler(long offset, Span<byte> destination);

    /// <summary>The descriptors by object id.</summary>
    internal Dictionary<uint, IKernelObject> Files { get; } = [];

    internal Errno Command(string command) => device.Command(Encoding.UTF8.GetBytes(command));

    /// <summary>Takes the next message if there is one.</summary>
    internal HandMessage? TryTake()
    {
        Errno error = device.TryRead(_buffer, out var length, out IKernelObject? opened);
        if (error != Errno.None)
            throw new ErrnoException(error, "read(device)");
        if (length == 0)
            return null;
        Message message = Message.Decode(_buffer.AsSpan(0, length));
        Assert.Null(message.Problem);
        if (opened is not null)
            Files[message.Header.ObjectId] = opened;
        return new HandMessage(
            message.Header.Opcode,
            message.Header.MsgId,
            message.Header.ObjectId,
            opened is null ? null : new ObjectKey(message.Volume, message.Cookie),
            message.Range);
    }

    internal Task<HandMessage> TakeOpenAsync() => TakeAsync(CacheFilesUapi.CACHEFILES_OP_OPEN);

    internal Task<HandMessage> TakeReadAsync() => TakeAsync(CacheFilesUapi.CACHEFILES_OP_READ);

    internal Task<HandMessage> TakeCloseAsync() => TakeAsync(CacheFilesUapi.CACHEFILES_OP_CLOSE);

    public void Dispose()
    {
        device.Dispose();
        foreach (IKernelObject file in Files.Values)
            file.Dispose();
    }

    /// <summary>Writes from aligned memory.</summary>
    protected Errno Write(uint objectId, long offset, int length, Filler fill)
    {
        PageBuffer buffer = new PageBufferPool().Rent(Math.Max(1, length));
        Span<byte> bytes = buffer.Memory.Span[..length];
        fill(offset, bytes);
        return Files[objectId].WriteAt(bytes, offset);
    }

    /// <summary>Fills a READ, and releases its reader.</summary>
    protected void Serve(HandMessage read, Filler fill)
    {
        Assert.Equal(Errno.None, Write(read.ObjectId, read.Range.Offset, (int)read.Range.Length, fill));
        Assert.Equal(Errno.None, Files[read.ObjectId].CompleteRead(read.MessageId));
    }

    /// <summary>Waits for the next message, which has to be of one kind.</summary>
    private async Task<HandMessage> TakeAsync(uint opcode)
    {
        HandMessage? message = null;
        await Bounded.Until(() => (message = TryTake()) is not null, $"a message of the kind {opcode}");
        Assert.Equal(opcode, message!.Opcode);
        return message;
    }
}

/// <summary>A message as a <see cref="HandDevice"/> took it.</summary>
internal sealed record HandMessage(uint Opcode, uint MessageId, uint ObjectId, ObjectKey? Key, ByteRange Range);
