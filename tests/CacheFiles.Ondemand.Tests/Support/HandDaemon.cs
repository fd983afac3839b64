using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A daemon that does nothing by itself: the test takes each message and gives each answer.</summary>
internal sealed class HandDaemon : IDisposable
{
    private readonly byte[] _buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];

    internal HandDaemon(SimulatedKernel kernel, bool bound = true)
    {
        Device = kernel.OpenDevice();
        if (!bound)
            return;
        Assert.Equal(Errno.None, Command("dir /cache"));
        Assert.Equal(Errno.None, Command("bind ondemand"));
    }

    internal SimulatedDevice Device { get; }

    /// <summary>The descriptors by object id.</summary>
    internal Dictionary<uint, IKernelObject> Files { get; } = [];

    internal Errno Command(string command) => Device.Command(System.Text.Encoding.UTF8.GetBytes(command));

    /// <summary>Takes the next message if there is one.</summary>
    internal HandMessage? TryTake()
    {
        Errno error = Device.TryRead(_buffer, out var length, out IKernelObject? opened);
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

    /// <summary>Waits for the next message, which has to be of one kind.</summary>
    internal async Task<HandMessage> TakeAsync(uint opcode)
    {
        HandMessage? message = null;
        await Bounded.Until(() => (message = TryTake()) is not null, $"a message of the kind {opcode}");
        Assert.Equal(opcode, message!.Opcode);
        return message;
    }

    internal Task<HandMessage> TakeOpenAsync() => TakeAsync(CacheFilesUapi.CACHEFILES_OP_OPEN);

    internal Task<HandMessage> TakeReadAsync() => TakeAsync(CacheFilesUapi.CACHEFILES_OP_READ);

    internal Task<HandMessage> TakeCloseAsync() => TakeAsync(CacheFilesUapi.CACHEFILES_OP_CLOSE);

    /// <summary>Fills a READ with the test's content, and releases its reader.</summary>
    internal void Serve(HandMessage read, string blob = "image")
    {
        Assert.Equal(Errno.None, Write(read.ObjectId, read.Range.Offset, (int)read.Range.Length, blob));
        Assert.Equal(Errno.None, Files[read.ObjectId].CompleteRead(read.MessageId));
    }

    /// <summary>Writes the test's content from aligned memory.</summary>
    internal Errno Write(uint objectId, long offset, int length, string blob = "image")
    {
        PageBuffer buffer = new PageBufferPool().Rent(Math.Max(1, length));
        Span<byte> bytes = buffer.Memory.Span[..length];
        Content.Fill(blob, offset, bytes);
        return Files[objectId].WriteAt(bytes, offset);
    }

    /// <summary>Mounts, with the OPEN and the first READ answered.</summary>
    internal async Task<(SimulatedMount Mount, uint ObjectId)> MountAsync(SimulatedKernel kernel, long length, string fsid = "image")
    {
        // Looked at before the OPEN is answered: the READ may come before this goes on.
        var readsFirstPage = length > 0 && kernel.Sent.Reads == 0;
        Task<SimulatedMount> mounting = kernel.Mount(fsid);
        HandMessage open = await TakeOpenAsync();
        Assert.Equal(Errno.None, Device.CompleteOpen(open.MessageId, length));
        if (readsFirstPage)
            Serve(await TakeReadAsync(), fsid);
        return (await mounting, open.ObjectId);
    }

    public void Dispose()
    {
        foreach (IKernelObject file in Files.Values)
            file.Dispose();
        Device.Dispose();
    }
}

/// <summary>A message as a <see cref="HandDaemon"/> took it.</summary>
internal sealed record HandMessage(uint Opcode, uint MessageId, uint ObjectId, ObjectKey? Key, ByteRange Range);
