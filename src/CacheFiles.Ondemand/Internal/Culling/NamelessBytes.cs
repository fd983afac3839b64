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

    /// <summary>Counts what an inventory does not have.</summary>
    internal long Count(CacheInventory inventory)
    {
        HashSet<string> named = [.. inventory.Files.Select(f => f.Path)];
        var bytes = session.Objects.Where(o => !named.Contains(CachedFile.PathOf(o.Key))).Sum(o => o.CountCached());
        lock (_closed)
        {
            foreach (var (path, (_, since)) in _closed)
            {
                if (named.Contains(path) || Environment.TickCount64 - since > NamingTime)
                    _closed.Remove(path);
            }
            return bytes + _closed.Values.Sum(c => c.Bytes);
        }
    }
}
