using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>What the kernel keeps for one opening of the device, until the device and every anonymous fd that came from it are closed.</summary>
internal sealed class SimulatedCache
{
    private readonly SimulatedKernel _kernel;
    private readonly List<SimulatedObject> _toReopen = [];
    private readonly Stack<SimulatedRequest> _free = new();
    private uint _nextObjectId;

    internal SimulatedCache(SimulatedKernel kernel, uint firstMessageId, uint firstObjectId)
    {
        _kernel = kernel;
        _nextObjectId = firstObjectId;
        Requests = new RequestQueue(firstMessageId);
    }

    internal RequestQueue Requests { get; }

    internal SpaceLimits BlockLimits { get; } = new();

    internal SpaceLimits FileLimits { get; } = new();

    internal string? DirectoryName { get; set; }

    internal string? Tag { get; set; }

    internal string? SecurityContext { get; set; }

    /// <summary>The directory, once it is bound.</summary>
    internal CacheDirectory? Directory { get; set; }

    internal bool IsOndemand { get; set; }

    /// <summary>Whether the device is closed, or the cache given up: nothing more is asked of a daemon.</summary>
    internal bool IsDead { get; private set; }

    /// <summary>Whether the device asks for culling.</summary>
    internal bool IsCullWanted { get; private set; }

    /// <summary>The device and the anonymous fds that are open.</summary>
    internal int Pins { get; private set; } = 1;

    /// <summary>The process that has the device, or had it and still has anonymous fds.</summary>
    internal SimulatedDevice? Holder { get; set; }

    internal uint NextObjectId() => _nextObjectId++;

    internal void Pin() => Pins++;

    internal void Unpin()
    {
        if (--Pins == 0)
            _kernel.Withdraw(this);
    }

    /// <summary>The device is closed.</summary>
    internal void Die()
    {
        GiveUp();
        Unpin();
    }

    /// <summary>The cache's file system has failed.</summary>
    internal void GiveUp()
    {
        IsDead = true;
        Requests.Flush(Errno.EIO);
    }

    internal void Notify() => Holder?.Notify();

    /// <summary>Whether the next wait ends though nothing is pending.</summary>
    internal bool HasSpuriousWake { get; private set; }

    /// <summary>A READ was answered.</summary>
    internal void NoteAnswered(SimulatedRequest read)
    {
        if (!_kernel.IsSpuriousAfter(read.Id))
            return;
        HasSpuriousWake = true;
        Notify();
    }

    /// <summary>What poll says.</summary>
    internal DevicePollResult PollNow()
    {
        var spurious = HasSpuriousWake;
        HasSpuriousWake = false;
        return (Requests.HasNew() || spurious ? DevicePollResult.Request : 0) | (IsCullWanted ? DevicePollResult.CullWanted : 0);
    }

    /// <summary>Queues a request.</summary>
    /// <returns>Null where the cache is dead.</returns>
    internal SimulatedRequest? Send(uint opcode, SimulatedObject target, ByteRange range)
    {
        if (IsDead || !IsOndemand)
            return null;
        if (!_free.TryPop(out SimulatedRequest? request))
            request = new SimulatedRequest();
        request.Begin(opcode, target, range);
        Requests.Add(request);
        _kernel.Sent.Count(opcode);
        Notify();
        return request;
    }

    /// <summary>Takes a request back whose answer was taken.</summary>
    internal void Recycle(SimulatedRequest request) => _free.Push(request);

    /// <summary>Finds the next request for the daemon; objects whose READs need a new descriptor are opened again on the way.</summary>
    internal SimulatedRequest? SelectNew()
    {
        SimulatedRequest? selected = Requests.SelectNew(_toReopen);
        foreach (SimulatedObject target in _toReopen)
            target.Reopen();
        _toReopen.Clear();
        return selected;
    }

    /// <summary>Whether bytes may be written: ENOBUFS below the limit, ENOSPC where the disk is full.</summary>
    internal Errno CheckSpace(long bytes)
    {
        var capacity = _kernel.Options.CapacityBytes;
        var free = _kernel.FreeBytes(Directory!);
        var left = Math.Max(0, free - bytes);
        if (left < capacity / 100 * BlockLimits.Cull)
            SetCullWanted(true);
        else if (left >= capacity / 100 * BlockLimits.Run)
            SetCullWanted(false);
        if (left < capacity / 100 * BlockLimits.Stop)
            return Errno.ENOBUFS;
        return bytes > free ? Errno.ENOSPC : Errno.None;
    }

    private void SetCullWanted(bool wanted)
    {
        if (IsCullWanted == wanted)
            return;
        IsCullWanted = wanted;
        Notify();
    }
}
