namespace CacheFiles.Interop;

/// <summary>Why <see cref="DevicePoller.Wait"/> returned.</summary>
[Flags]
public enum DevicePollResult
{
    /// <summary>The time ran out.</summary>
    None = 0,

    /// <summary>POLLIN: a request may wait. It can be spurious: the next read may find nothing.</summary>
    Request = 1,

    /// <summary>POLLOUT: the kernel wants objects culled, because the cache directory's file system is getting full.</summary>
    CullWanted = 2,

    /// <summary>The wake event is set.</summary>
    Woken = 4,

    /// <summary>POLLERR or POLLHUP: the device is lost.</summary>
    Lost = 8,
}
