using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Support;

/// <summary>A daemon that does nothing by itself: the test takes each message and gives each answer.</summary>
internal sealed class HandDaemon : IDisposable
{
    private readonly byte[] _buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
    private readonly ContractKernel _kernel;

    private HandDaemon(ContractKernel kernel, IKernelDevice device) => (_kernel, Device) = (kernel, device);

    internal IKernelDevice Device { get; }

    /// <summary>The descriptors by object id.</summary>
    internal Dictionary<uint, IKernelObject> Files { get; } = [];

    /// <summary>Opens the device and binds the cache.</summary>
    internal static HandDaemon Bind(ContractKernel kernel)
    {
        HandDaemon daemon = Open(kernel);
        Assert.Equal(Errno.None, daemon.Command($"dir {kernel.CacheDirectory}"));
        Assert.Equal(Errno.None, daemon.Command("bind ondemand"));
        return daemon;
    }

    /// <summary>Opens the device only.</summary>
    internal static HandDaemon Open(ContractKernel kernel) => new(kernel, kernel.OpenDevice());

    /// <summary>Goes on with a device that was kept; <c>restore</c> is left to the test.</summary>
    internal static HandDaemon Inherit(ContractKernel kernel) => new(kernel, kernel.Inherit());

    internal Errno Command(string command) => Device.Command(Encoding.UTF8.GetBytes(command));

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

    /// <summary>Answers an OPEN with the blob's length.</summary>
    internal void Accept(HandMessage open, Blob blob)
    {
        Assert.Equal(blob.Text, open.Key!.CookieText);
        Assert.Equal(Errno.None, Device.CompleteOpen(open.MessageId, blob.Length));
    }

    /// <summary>Fills a READ, and releases its reader.</summary>
    internal void Serve(HandMessage read, Blob blob)
    {
        Assert.Equal(Errno.None, Write(read.ObjectId, read.Range.Offset, (int)read.Range.Length, blob));
        Assert.Equal(Errno.None, Files[read.ObjectId].CompleteRead(read.MessageId));
    }

    /// <summary>Writes a blob's bytes from aligned memory.</summary>
    internal Errno Write(uint objectId, long offset, int length, Blob blob)
    {
        PageBuffer buffer = new PageBufferPool().Rent(Math.Max(1, length));
        Span<byte> bytes = buffer.Memory.Span[..length];
        blob.Fill(offset, bytes);
        return Files[objectId].WriteAt(bytes, offset);
    }

    /// <summary>Serves whatever comes until something is done.</summary>
    internal async Task ServeUntilAsync(Task done, params Image[] images)
    {
        var names = images.SelectMany(i => i.Blobs).ToDictionary(b => b.Text);
        var opened = new Dictionary<uint, Blob>();
        await Bounded.Until(
            () =>
            {
                for (; TryTake() is { } message;)
                {
                    if (message.Key is { } key)
                        Accept(message, opened[message.ObjectId] = names[key.CookieText]);
                    else if (message.Opcode == CacheFilesUapi.CACHEFILES_OP_READ)
                        Serve(message, opened.GetValueOrDefault(message.ObjectId) ?? images[0].Blobs[0]);
                }
                return done.IsCompleted;
            },
            "what is served ends");
        await done;
    }

    /// <summary>Mounts an image without devices, with the OPEN and the READ of its first page answered.</summary>
    internal async Task<(ContractMount Mount, uint ObjectId)> MountAsync(Image image)
    {
        Task<ContractMount> mounting = _kernel.MountAsync(image);
        HandMessage open = await TakeOpenAsync();
        Accept(open, image.Blobs[0]);
        Serve(await TakeReadAsync(), image.Blobs[0]);
        return (await Bounded.Of(mounting), open.ObjectId);
    }

    public void Dispose()
    {
        Device.Dispose();
        foreach (IKernelObject file in Files.Values)
            file.Dispose();
    }
}

/// <summary>A message as a <see cref="HandDaemon"/> took it.</summary>
internal sealed record HandMessage(uint Opcode, uint MessageId, uint ObjectId, ObjectKey? Key, ByteRange Range);
