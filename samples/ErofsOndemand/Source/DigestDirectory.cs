using System.Collections.Concurrent;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>The digests of blobs, one file for each. A name stands for one content for ever, so they are read once.</summary>
internal sealed class DigestDirectory(string directory)
{
    private readonly ConcurrentDictionary<string, ChunkDigests> _known = new();

    /// <exception cref="IOException">There are none: a blob without digests is not served.</exception>
    internal ChunkDigests Find(ObjectKey key)
        => _known.GetOrAdd(key.TryGetFileName(out var name) ? name : throw new FileNotFoundException($"{key} is no file name: there are no digests for it"), Load);

    private ChunkDigests Load(string name)
    {
        using StreamReader text = File.OpenText(Path.Combine(directory, name + ".sha256"));
        return ChunkDigests.Parse(text);
    }
}
