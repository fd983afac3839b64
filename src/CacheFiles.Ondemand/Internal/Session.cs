using System.Collections.Concurrent;
using System.Text;
using CacheFiles.Interop;
using Microsoft.Extensions.Logging;

namespace CacheFiles.Ondemand.Internal;

/// <summary>What the parts of one bound cache share: the device, the open objects, and the one place where faults go.</summary>
internal sealed class Session
{
    private readonly ConcurrentDictionary<uint, CacheObject> _objects = new();
    private int _closed;

    internal Session(IKernelDevice device, OndemandOptions options)
    {
        Device = device;
        Options = options;
        Logger = new QuietLogger(options.Logger);
        Culler = new Culler(this, device.OpenDisk(options.CacheDirectory));
    }

    internal IKernelDevice Device { get; }

    internal OndemandOptions Options { get; }

    /// <summary>Who sees to it that there is room.</summary>
    internal Culler Culler { get; }

    /// <summary>Whether it is over.</summary>
    internal bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Whether what is not answered is left to a successor: from now on nothing may be refused.</summary>
    internal volatile bool IsLeaving;

    internal ILogger Logger { get; }

    internal ICollection<CacheObject> Objects => _objects.Values;

    /// <summary>Those that are open at some moment while they are enumerated, without a copy of them all.</summary>
    internal IEnumerable<CacheObject> OpenObjects => _objects.Select(o => o.Value);

    internal CacheObject? Find(uint objectId) => _objects.GetValueOrDefault(objectId);

    internal void Report(OndemandFault fault) => Report(fault, Options, Logger);

    internal static void Report(OndemandFault fault, OndemandOptions options, ILogger logger)
    {
        Telemetry.Fault(fault.Source);
        Log.Fault(logger, fault, fault.Exception);
        try
        {
            options.OnFault?.Invoke(fault);
        }
        catch (Exception)
        {
            // The hook's own failure has nowhere to go, and must not end whatever met the fault.
        }
    }

    /// <summary>Makes an object known. It has to be before its OPEN is answered, for a READ can follow at once.</summary>
    /// <returns>The object that had the id before; the caller closes it.</returns>
    internal CacheObject? Register(CacheObject opened)
    {
        CacheObject? former = Forget(opened.Id);
        _objects[opened.Id] = opened;
        Culler.Opened(opened.Key);
        return former;
    }

    /// <summary>Answers an OPEN with a length in bytes.</summary>
    /// <returns>False where the kernel did not take the answer; the caller closes the object.</returns>
    internal bool AcceptOpen(uint messageId, uint objectId, long length)
    {
        Errno error = Device.CompleteOpen(messageId, length);
        if (error == Errno.None)
            return true;
        Report(new OndemandFault(
            error == Errno.EINVAL ? FaultSource.LateCompletion : FaultSource.Open,
            "the kernel did not take the length of an object",
            Find(objectId)?.Key,
            Exception: new ErrnoException(error, $"copen {messageId},{length}")));
        // Should it still wait, it is not to wait for ever.
        _ = Device.CompleteOpen(messageId, -(int)Errno.EIO);
        return false;
    }

    /// <summary>Answers an OPEN with an error and closes the object's descriptor.</summary>
    internal void RefuseOpen(uint messageId, IKernelObject file, Errno errno)
    {
        if (IsLeaving)
        {
            // Its descriptor has to be closed, else the kernel would not open the object for the successor.
            file.Dispose();
            return;
        }
        Errno error = Device.CompleteOpen(messageId, -(int)errno);
        file.Dispose();
        Device.Recheck();
        if (error != Errno.None)
            Report(new OndemandFault(FaultSource.LateCompletion, "the kernel did not take the refusal of an OPEN", Exception: new ErrnoException(error, $"copen {messageId},-{(int)errno}")));
    }

    /// <summary>Takes an object out of the table; the caller closes it.</summary>
    internal CacheObject? Forget(uint objectId)
    {
        // Whoever counts what the cache takes sees it before or behind, or both, but not nowhere.
        if (_objects.TryGetValue(objectId, out CacheObject? closing))
            Culler.Closing(closing);
        return _objects.TryRemove(objectId, out CacheObject? removed) ? removed : null;
    }

    /// <summary>Culls a file, or asks whether it is in use.</summary>
    /// <param name="verb"><c>cull</c> or <c>inuse</c>.</param>
    /// <param name="directory">The directory below the cache directory.</param>
    /// <param name="name">Its name there.</param>
    internal Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name)
        => Device.CullCommand(verb, (byte[])[.. Encoding.UTF8.GetBytes(Options.CacheDirectory), (byte)'/', .. directory.Span], name);

    /// <summary>Releases the reader of a READ.</summary>
    internal void CompleteRead(CacheObject opened, uint messageId)
    {
        Errno error = opened.File.CompleteRead(messageId);
        if (error != Errno.None && !opened.IsClosed)
            Report(new OndemandFault(FaultSource.LateCompletion, $"nobody waits for READ {messageId} any more", opened.Key, Exception: new ErrnoException(error, "ioctl(READ_COMPLETE)")));
    }

    /// <summary>A READ for an object that is not open here. Its descriptor may still be open in this process, in somebody else's hands.</summary>
    internal void ReleaseUnknown(uint messageId, uint objectId)
    {
        if (IsLeaving)
            return;
        var released = Device.TryReleaseOrphan(messageId);
        Report(new OndemandFault(FaultSource.UnknownObject, $"READ {messageId} is for the object {objectId}, which is not open here{(released ? "; its reader was released" : "")}"));
    }

    /// <summary>Closes every object, and waits until their descriptors are closed too: a call that was under way keeps one open for its length.</summary>
    internal async Task CloseObjectsAsync()
    {
        foreach (var id in _objects.Keys)
            Forget(id)?.Close();
        var end = Environment.TickCount64 + (long)Options.DrainTimeout.TotalMilliseconds;
        while (ObjectHandle.OpenCount > 0)
        {
            if (Environment.TickCount64 > end)
            {
                Report(new OndemandFault(FaultSource.Device, "descriptors of objects are still open after the hand-over: their readers wait until this process has ended"));
                return;
            }
            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    /// <summary>Closes every object, then the device. Doing so again changes nothing.</summary>
    internal void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        Culler.Dispose();
        foreach (var id in _objects.Keys)
            Forget(id)?.Close();
        Device.Dispose();
    }
}
