using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>An object as the kernel sees it, from the first mount that uses it to the last. Guarded by the kernel's lock.</summary>
internal sealed class SimulatedObject
{
    // What ext4 takes.
    private const long MaxFileSize = 1L << 44;
    private const int NoId = 0;
    private const int ClosedId = -1;

    private readonly SimulatedKernel _kernel;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SimulatedObject(SimulatedKernel kernel, SimulatedCache cache, ObjectKey key)
    {
        _kernel = kernel;
        Cache = cache;
        Key = key;
        Opened = LookUpAsync();
    }

    internal SimulatedKernel Kernel => _kernel;

    internal SimulatedCache Cache { get; }

    internal ObjectKey Key { get; }

    /// <summary>The id that the daemon knows it by: a new one with each OPEN; 0 before the first, -1 after the descriptor was closed.</summary>
    internal int Id { get; private set; } = NoId;

    internal ObjectState State { get; set; }

    /// <summary>Its data; null before it is opened, and after it is gone.</summary>
    internal BackingFile? File { get; private set; }

    /// <summary>The size in bytes that the daemon gave.</summary>
    internal long Size { get; private set; }

    /// <summary>How many mounts use it.</summary>
    internal int Users { get; set; } = 1;

    /// <summary>How its first OPEN ended.</summary>
    internal Task<Errno> Opened { get; }

    /// <summary>Completes when the kernel has let it go: the CLOSE is read, and the descriptor closed.</summary>
    internal Task Gone => _gone.Task;

    /// <summary>The daemon reads the OPEN: it gets a descriptor, unless it still has one.</summary>
    internal Errno TryInstall(SimulatedDevice process, out AnonymousFile? file)
    {
        file = null;
        if (Id > 0)
            return Errno.EEXIST;
        Id = (int)Cache.NextObjectId();
        Cache.Pin();
        file = new AnonymousFile(_kernel, process, this);
        process.Files.Add(file);
        return Errno.None;
    }

    /// <summary>The daemon answers the OPEN with a size.</summary>
    internal Errno Accept(long size)
    {
        if (Id == ClosedId)
            return Errno.EBADFD;
        Size = size;
        State = ObjectState.Open;
        Cache.Notify();
        return Errno.None;
    }

    /// <summary>The OPEN was answered in whatever way.</summary>
    internal void NoteAnswered()
    {
        if (Id == ClosedId)
            State = ObjectState.Closed;
    }

    /// <summary>The daemon has closed the descriptor.</summary>
    internal void Released()
    {
        Id = ClosedId;
        if (State == ObjectState.Dropping)
            Go();
        else
            State = ObjectState.Closed;
        Cache.Unpin();
    }

    /// <summary>A READ waits, and the descriptor is closed: asks for another one.</summary>
    internal void Reopen()
    {
        if (Cache.Send(CacheFilesUapi.CACHEFILES_OP_OPEN, this, default) is { } request)
            _ = RecycleAsync(request);
        else
            State = ObjectState.Closed;
    }

    /// <summary>The last mount is gone.</summary>
    internal async Task CloseAsync()
    {
        await Opened.ConfigureAwait(false);
        SimulatedRequest? close = null;
        lock (_kernel.Lock)
        {
            if (State == ObjectState.Open)
                close = Cache.Send(CacheFilesUapi.CACHEFILES_OP_CLOSE, this, default);
        }
        if (close is not null)
            await RecycleAsync(close).ConfigureAwait(false);
        lock (_kernel.Lock)
        {
            State = ObjectState.Dropping;
            Cache.Requests.Flush(Errno.EIO, this);
            Commit();
            // A descriptor that is still open keeps it: the next mount waits.
            if (Id <= NoId)
                Go();
        }
    }

    /// <summary>Gives the file its name on the disk, and lets go of it.</summary>
    internal void Commit()
    {
        if (File is not null)
        {
            File.IsLinked = true;
            Cache.Directory!.Touch(File);
        }
        File = null;
    }

    private void Go()
    {
        _kernel.Objects.Remove(this);
        _gone.TrySetResult();
    }

    private async Task<Errno> LookUpAsync()
    {
        SimulatedRequest? open = null;
        lock (_kernel.Lock)
        {
            CacheDirectory? directory = Cache.Directory;
            // A new file needs room, and where there is none the daemon is not even asked.
            if (directory is not null && (directory.Find(Key) is not null || Cache.CheckSpace(0) == Errno.None))
                open = Cache.Send(CacheFilesUapi.CACHEFILES_OP_OPEN, this, default);
        }
        if (open is null)
            return Errno.ENOBUFS;
        Errno answer = await RecycleAsync(open).ConfigureAwait(false);
        lock (_kernel.Lock)
        {
            if (answer == Errno.None && !Cache.IsDead)
                answer = Attach(Cache.Directory!);
        }
        return answer;
    }

    private Errno Attach(CacheDirectory directory)
    {
        if (Size > MaxFileSize)
            return Errno.ENOBUFS;
        File = directory.Find(Key) is { } file && file.ObjectSize == Size ? file : directory.Create(Key, Size);
        return Errno.None;
    }

    private async Task<Errno> RecycleAsync(SimulatedRequest request)
    {
        Errno answer = await request.Answer.ConfigureAwait(false);
        lock (_kernel.Lock)
            Cache.Recycle(request);
        return answer;
    }
}
