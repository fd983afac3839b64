namespace CacheFiles.Ondemand.Internal;

/// <summary>What the cache holds of objects whose files have no name yet: no listing of the directory shows it. The kernel names a file after
/// its object's CLOSE.</summary>
internal sealed class NamelessBytes(Session session)
{
    // By then the kernel has given the name, or never will.
    private const long NamingTime = 10_000;
    private readonly Dictionary<string, (long Bytes, long Since)> _closed = [];

    /// <summary>An object is being closed; its descriptor is still open.</summary>
    internal void Closing(CacheObject target)
    {
        var bytes = target.CountCached();
        lock (_closed)
            _closed[CachedFile.PathOf(target.Key)] = (bytes, Environment.TickCount64);
    }

    /// <summary>Counts what may have no name, by path.</summary>
    /// <remarks>To be taken before an inventory. With its CLOSE the kernel names an object's file and says no more about its bytes, so what has
    /// no bytes here has a name there; taken behind, an object that is closed meanwhile would be in neither.</remarks>
    internal Dictionary<string, long> Take()
    {
        Dictionary<string, long> all = [];
        foreach (CacheObject open in session.Objects)
            all[CachedFile.PathOf(open.Key)] = open.CountCached();
        lock (_closed)
        {
            foreach (var (path, (bytes, since)) in _closed)
            {
                if (Environment.TickCount64 - since > NamingTime)
                    _closed.Remove(path);
                else
                    all[path] = Math.Max(bytes, all.GetValueOrDefault(path));
            }
        }
        return all;
    }

    /// <summary>Counts what an inventory does not have.</summary>
    /// <param name="taken">What <see cref="Take"/> gave before it.</param>
    /// <param name="inventory">The inventory.</param>
    internal long Count(Dictionary<string, long> taken, CacheInventory inventory)
    {
        lock (_closed)
        {
            foreach (CachedFile file in inventory.Files)
            {
                taken.Remove(file.Path);
                _closed.Remove(file.Path);
            }
        }
        return taken.Values.Sum();
    }
}
