using System.Text;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>A real cache directory: <c>cache/I…/@xx/…</c> and <c>graveyard/</c>.</summary>
internal sealed class CacheDisk(string directory) : ICacheDisk
{
    private readonly byte[] _root = Encoding.UTF8.GetBytes(directory);

    public FileSystemSpace GetSpace() => FileSystemSpace.Of(directory);

    public void Touch(ObjectKey key)
    {
        var path = new ObjectPath(key);
        // Without a file there is nothing to note; one that is new is as young as its name.
        CacheTree.TryTouch(Join(Join(_root, path.DirectoryName.Span), path.FileName.Span));
    }

    public CacheInventory TakeInventory()
    {
        var inventory = new CacheInventory();
        foreach (CacheEntry volume in List("cache"u8.ToArray()))
        {
            byte[] path = Join("cache"u8, volume.Name.Span);
            if (!volume.IsDirectory || volume.Name.Span is not [(byte)'I', _, ..])
                inventory.Strange.Add(Encoding.UTF8.GetString(path));
            else
                TakeVolume(inventory, path);
        }
        return inventory;
    }

    public void EmptyGraveyard()
    {
        // The kernel names what it buries in ASCII digits.
        var graveyard = new DirectoryInfo(Path.Combine(directory, "graveyard"));
        if (!graveyard.Exists)
            return;
        foreach (FileSystemInfo buried in graveyard.EnumerateFileSystemInfos())
        {
            if (buried is DirectoryInfo { LinkTarget: null } tree)
                tree.Delete(recursive: true);
            else
                buried.Delete();
        }
    }

    private void TakeVolume(CacheInventory inventory, byte[] volume)
    {
        foreach (CacheEntry fanOut in List(volume))
        {
            byte[] path = Join(volume, fanOut.Name.Span);
            if (!fanOut.IsDirectory || fanOut.Name.Span is not [(byte)'@', _, _])
            {
                inventory.Strange.Add(Encoding.UTF8.GetString(path));
                continue;
            }
            foreach (CacheEntry file in List(path))
            {
                if (file.IsFile && file.Name.Span is [(byte)'D' or (byte)'S' or (byte)'T' or (byte)'E', ..])
                    inventory.Files.Add(new CachedFile(path, file.Name, file.AllocatedBytes, file.LastUsed));
                else
                    inventory.Strange.Add(Encoding.UTF8.GetString(Join(path, file.Name.Span)));
            }
        }
    }

    /// <summary>What cannot be listed is gone, or will be told by the next thing that needs it.</summary>
    private List<CacheEntry> List(byte[] path)
    {
        CacheTree.TryList(Join(_root, path), out List<CacheEntry> entries);
        return entries;
    }

    private static byte[] Join(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name) => [.. directory, (byte)'/', .. name];
}
