namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>A cache directory: it outlives the daemon, as a disk does. Guarded by the kernel's lock.</summary>
internal sealed class CacheDirectory
{
    private readonly Dictionary<ObjectKey, BackingFile> _files = [];
    private long _clock;
    private long _usedBytes;

    /// <summary>Bytes of data, of files without a name too.</summary>
    internal long UsedBytes
    {
        get => _usedBytes;
        set
        {
            _usedBytes = value;
            MostUsedBytes = Math.Max(MostUsedBytes, value);
        }
    }

    /// <summary>The most that it ever was.</summary>
    internal long MostUsedBytes { get; private set; }

    /// <summary>The files that have a name, by their objects.</summary>
    internal IEnumerable<KeyValuePair<ObjectKey, BackingFile>> LinkedFiles => _files.Where(f => f.Value.IsLinked);

    internal BackingFile? Find(ObjectKey key) => _files.GetValueOrDefault(key);

    /// <summary>Notes that a file is used now.</summary>
    internal void Touch(BackingFile file) => file.LastUsed = ++_clock;

    /// <summary>Makes an empty file in place of a stale one.</summary>
    internal BackingFile Create(ObjectKey key, long objectSize)
    {
        Remove(key);
        return _files[key] = new BackingFile(this, objectSize);
    }

    internal void Remove(ObjectKey key)
    {
        if (_files.Remove(key, out BackingFile? file))
            UsedBytes -= file.DataBytes;
    }

    /// <summary>Finds the object that has a file of a name.</summary>
    /// <param name="directory">The directory the file is in, below the cache directory.</param>
    /// <param name="name">The file's name.</param>
    internal ObjectKey? FindByPath(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        foreach (var (key, file) in _files)
        {
            var path = new ObjectPath(key);
            if (file.IsLinked && path.FileName.Span.SequenceEqual(name) && path.DirectoryName.Span.SequenceEqual(directory))
                return key;
        }
        return null;
    }
}
