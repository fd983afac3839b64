using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Support;

/// <summary>A daemon by hand on a kernel under test.</summary>
internal sealed class HandDaemon : HandDevice
{
    private readonly ContractKernel _kernel;

    private HandDaemon(ContractKernel kernel, IKernelDevice device)
        : base(device) => (_kernel, Device) = (kernel, device);

    internal IKernelDevice Device { get; }

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

    /// <summary>Answers an OPEN with the blob's length.</summary>
    internal void Accept(HandMessage open, Blob blob)
    {
        Assert.Equal(blob.Text, open.Key!.CookieText);
        Assert.Equal(Errno.None, Device.CompleteOpen(open.MessageId, blob.Length));
    }

    /// <summary>Fills a READ, and releases its reader.</summary>
    internal void Serve(HandMessage read, Blob blob) => Serve(read, blob.Fill);

    /// <summary>Writes a blob's bytes from aligned memory.</summary>
    internal Errno Write(uint objectId, long offset, int length, Blob blob) => Write(objectId, offset, length, blob.Fill);

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
}
