using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>A cache directory of the simulated kernel as culling sees it.</summary>
internal sealed class SimulatedDisk(SimulatedKernel kernel, string directory) : ICacheDisk
{
    public CacheInventory TakeInventory()
    {
        var inventory = new CacheInventory();
        lock (kernel.Lock)
        {
            foreach (var (key, file) in kernel.FindDirectory(directory).LinkedFiles)
            {
                var path = new ObjectPath(key);
                inventory.Files.Add(new CachedFile(path.DirectoryName, path.FileName, file.DataBytes, DateTime.UnixEpoch.AddSeconds(file.LastUsed)));
            }
        }
        return inventory;
    }

    public FileSystemSpace GetSpace()
    {
        lock (kernel.Lock)
        {
            return new FileSystemSpace(kernel.Options.CapacityBytes, kernel.FreeBytes(kernel.FindDirectory(directory)), 0, 0);
        }
    }

    public void Touch(ObjectKey key)
    {
        lock (kernel.Lock)
        {
            CacheDirectory cache = kernel.FindDirectory(directory);
            if (cache.Find(key) is { IsLinked: true } file)
                cache.Touch(file);
        }
    }

    public void EmptyGraveyard()
    {
        // A file that is culled is gone: only directories are buried, and there are none.
    }
}
