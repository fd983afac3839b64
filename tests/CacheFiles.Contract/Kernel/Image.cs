namespace CacheFiles.Contract.Kernel;

/// <summary>An EROFS image: its own blob and those of its device table. The file <c>0</c> in it has the bytes of the whole image, its own
/// superblock included, the file <c>1</c> those of the first device, and so on: an offset in a file is the offset in its blob.</summary>
internal sealed class Image
{
    /// <param name="name">The fsid.</param>
    /// <param name="length">The bytes of its own blob.</param>
    /// <param name="devices">The blobs of its device table.</param>
    /// <param name="fileLength">How many bytes the file <c>0</c> has, where that is not the blob's length.</param>
    internal Image(string name, long length, Blob[] devices, long? fileLength = null)
    {
        Name = name;
        Blob own = new(name, length, fileLength);
        Blobs = [own, .. devices];
        own.Head = ErofsImage.Make([.. Blobs]);
    }

    internal string Name { get; }

    internal IReadOnlyList<Blob> Blobs { get; }
}
