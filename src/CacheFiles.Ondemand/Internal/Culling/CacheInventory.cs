using System.Text;

namespace CacheFiles.Ondemand.Internal;

/// <summary>What is in a cache directory.</summary>
internal sealed class CacheInventory
{
    /// <summary>The files that are where the kernel puts objects.</summary>
    internal List<CachedFile> Files { get; } = [];

    /// <summary>Everything else, by its path.</summary>
    internal List<string> Strange { get; } = [];
}

/// <summary>An object's file.</summary>
/// <param name="Directory">The directory below the cache directory.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Bytes">Bytes on the disk.</param>
/// <param name="LastUsed">UTC.</param>
internal sealed record CachedFile(ReadOnlyMemory<byte> Directory, ReadOnlyMemory<byte> Name, long Bytes, DateTime LastUsed)
{
    /// <summary>Its path with a character for each byte: paths can be compared by it.</summary>
    internal string Path { get; } = PathOf(Directory, Name);

    /// <summary>Its path for people.</summary>
    internal string Text => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Path));

    internal static string PathOf(ObjectKey key)
    {
        var path = new ObjectPath(key);
        return PathOf(path.DirectoryName, path.FileName);
    }

    private static string PathOf(ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name)
        => $"{Encoding.Latin1.GetString(directory.Span)}/{Encoding.Latin1.GetString(name.Span)}";
}
