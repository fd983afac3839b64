namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>The objects that are open.</summary>
/// <remarks>An object can be opened anew before its former CLOSE is heard of: opens are counted, so that a late CLOSE does not take the new
/// one's version away.</remarks>
internal sealed class PinnedObjects
{
    private readonly Dictionary<ObjectKey, (PinnedObject Object, int Opens)> _objects = [];

    internal PinnedObject? Find(ObjectKey key)
    {
        lock (_objects)
            return _objects.GetValueOrDefault(key).Object;
    }

    internal void Open(ObjectKey key, PinnedObject found)
    {
        lock (_objects)
            _objects[key] = (found, _objects.GetValueOrDefault(key).Opens + 1);
    }

    /// <summary>Takes in an object that is fetched without having been opened, if nobody else has done so.</summary>
    internal PinnedObject Add(ObjectKey key, PinnedObject found)
    {
        lock (_objects)
            return _objects.TryAdd(key, (found, 1)) ? found : _objects[key].Object;
    }

    internal void Close(ObjectKey key)
    {
        lock (_objects)
        {
            if (!_objects.TryGetValue(key, out (PinnedObject Object, int Opens) open))
                return;
            if (open.Opens > 1)
                _objects[key] = open with { Opens = open.Opens - 1 };
            else
                _objects.Remove(key);
        }
    }
}
