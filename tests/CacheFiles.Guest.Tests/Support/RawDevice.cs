using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>The device without the engine: a test takes each request and answers it, or does not.</summary>
internal sealed class RawDevice : IDisposable
{
    private readonly WakeEvent _wake = new();
    private readonly List<ObjectHandle> _opened = [];

    private RawDevice()
    {
        Handle = DeviceHandle.Open();
        try
        {
            Handle.Command($"dir {GuestMachine.NewCacheDirectory()}");
            Handle.Command("bind ondemand");
            Poller = new DevicePoller(Handle, _wake);
        }
        catch
        {
            Handle.Dispose();
            throw;
        }
    }

    internal DeviceHandle Handle { get; }

    internal DevicePoller Poller { get; }

    internal static RawDevice Bind() => new();

    /// <summary>Takes a request if one waits.</summary>
    internal RawRequest? TryTake()
    {
        var buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
        Errno error = Handle.TryRead(buffer, out var length, out ObjectHandle? opened);
        Assert.Equal(Errno.None, error);
        if (length == 0)
            return null;
        if (opened is not null)
            _opened.Add(opened);
        var header = MemoryMarshal.Read<CacheFilesMsg>(buffer);
        var read = header.Opcode == CacheFilesUapi.CACHEFILES_OP_READ
            ? MemoryMarshal.Read<CacheFilesRead>(buffer.AsSpan(Unsafe.SizeOf<CacheFilesMsg>()))
            : default;
        return new RawRequest(header.Opcode, header.MsgId, header.ObjectId, (long)read.Off, (long)read.Len, opened);
    }

    /// <summary>Takes the next request; waits as the pump does, for the edge.</summary>
    internal async Task<RawRequest> NextAsync()
    {
        while (true)
        {
            if (TryTake() is { } request)
                return request;
            Assert.NotEqual(DevicePollResult.None, await WaitAsync());
        }
    }

    /// <summary>Mounts an image and serves what that takes.</summary>
    /// <returns>The image's object.</returns>
    internal async Task<(Mount Mount, RawObject Object)> MountAsync(string fsid)
    {
        RawObject? opened = null;
        Task<Mount> mounting = Mount.OfAsync(fsid);
        while (!mounting.IsCompleted)
        {
            if (TryTake() is not { } request)
                Poller.Wait(20);
            else if (request.Opened is not null)
                opened = Accept(request, fsid);
            else
                opened!.Answer(request);
        }
        return (await mounting, opened!);
    }

    /// <summary>Serves a reader until it has ended, and expects it to succeed.</summary>
    internal async Task ServeAsync(RawObject image, Child reader)
    {
        while (!reader.HasExited)
        {
            if (TryTake() is { } read)
                image.Answer(read);
            else
                Poller.Wait(20);
        }
        Assert.Equal(new ChildResult(0, "", ""), await reader.EndAsync());
    }

    /// <summary>Answers an OPEN.</summary>
    internal RawObject Accept(RawRequest open, string blob)
    {
        var opened = new RawObject(open.Opened!, open.ObjectId, Path.Combine(GuestMachine.Blobs, blob));
        Assert.Equal(Errno.None, Handle.TryCompleteOpen(open.MessageId, opened.Length));
        return opened;
    }

    /// <summary>Waits for a change of the device on a thread of its own.</summary>
    internal Task<DevicePollResult> WaitAsync()
        => Task.Factory.StartNew(
            () => Poller.Wait((int)Bounded.Limit.TotalMilliseconds), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Closes the device, and leaves the objects open.</summary>
    internal void CloseDevice()
    {
        Poller.Dispose();
        _wake.Dispose();
        Handle.Dispose();
    }

    public void Dispose()
    {
        CloseDevice();
        // The device is busy as long as one of them is open.
        foreach (ObjectHandle opened in _opened)
            opened.Dispose();
    }
}

/// <summary>A request, as the kernel sent it.</summary>
internal sealed record RawRequest(uint Opcode, uint MessageId, uint ObjectId, long Offset, long Length, ObjectHandle? Opened);
