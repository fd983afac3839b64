using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A daemon by hand on a simulated kernel.</summary>
internal sealed class HandDaemon : HandDevice
{
    internal HandDaemon(SimulatedKernel kernel)
        : this(kernel.OpenDevice())
    {
        Assert.Equal(Errno.None, Command("dir /cache"));
        Assert.Equal(Errno.None, Command("bind ondemand"));
    }

    private HandDaemon(SimulatedDevice device)
        : base(device) => Device = device;

    internal SimulatedDevice Device { get; }

    /// <summary>Fills a READ with the test's content, and releases its reader.</summary>
    internal void Serve(HandMessage read, string blob = "image") => Serve(read, (offset, bytes) => Content.Fill(blob, offset, bytes));

    /// <summary>Writes the test's content from aligned memory.</summary>
    internal Errno Write(uint objectId, long offset, int length, string blob = "image")
        => Write(objectId, offset, length, (at, bytes) => Content.Fill(blob, at, bytes));

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
}
