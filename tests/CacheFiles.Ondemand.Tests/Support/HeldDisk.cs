using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A cache directory whose listing is held up when it is taken, before the daemon sees it.</summary>
/// <param name="disk">The directory.</param>
internal sealed class HeldDisk(ICacheDisk disk) : ICacheDisk
{
    private volatile Gate? _gate;
    private int _listings;

    /// <summary>How often it was listed.</summary>
    internal int Listings => Volatile.Read(ref _listings);

    /// <summary>From now on.</summary>
    internal void HoldAt(Gate gate) => _gate = gate;

    public CacheInventory TakeInventory()
    {
        CacheInventory inventory = disk.TakeInventory();
        Interlocked.Increment(ref _listings);
        _gate?.Block();
        return inventory;
    }

    public FileSystemSpace GetSpace() => disk.GetSpace();

    public void Touch(ObjectKey key) => disk.Touch(key);

    public void EmptyGraveyard() => disk.EmptyGraveyard();
}
