using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The cache directory as culling sees it, real or simulated.</summary>
internal interface ICacheDisk
{
    /// <summary>Lists what is in it.</summary>
    CacheInventory TakeInventory();

    /// <summary>What its file system has left.</summary>
    FileSystemSpace GetSpace();

    /// <summary>Notes that an object is used now, if it has a file.</summary>
    void Touch(ObjectKey key);

    /// <summary>Removes what the kernel has put aside: <c>graveyard/</c>.</summary>
    void EmptyGraveyard();
}
