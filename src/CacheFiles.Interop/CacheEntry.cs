namespace CacheFiles.Interop;

/// <summary>An entry of a directory: its name as the bytes that it has, and what culling has to know of it.</summary>
/// <param name="name">The name.</param>
/// <param name="isFile">Whether it is a regular file.</param>
/// <param name="isDirectory">Whether it is a directory.</param>
/// <param name="allocatedBytes">Bytes that it takes on the disk.</param>
/// <param name="lastUsed">The later one of its access time and its change time, UTC.</param>
public sealed class CacheEntry(ReadOnlyMemory<byte> name, bool isFile, bool isDirectory, long allocatedBytes, DateTime lastUsed)
{
    /// <summary>The name, without the directory.</summary>
    public ReadOnlyMemory<byte> Name { get; } = name;

    /// <summary>Whether it is a regular file. A symbolic link is neither that nor a directory: it is not followed.</summary>
    public bool IsFile { get; } = isFile;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory { get; } = isDirectory;

    /// <summary>Bytes that it takes on the disk; holes take none.</summary>
    public long AllocatedBytes { get; } = allocatedBytes;

    /// <summary>The later one of its access time and its change time, UTC.</summary>
    public DateTime LastUsed { get; } = lastUsed;
}
