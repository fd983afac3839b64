using System.Text;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>Where the kernel keeps an object: <c>cache/I&lt;volume&gt;/@&lt;two digits&gt;/&lt;cooked cookie key&gt;</c> below the cache directory
/// (fs/cachefiles/volume.c, key.c).</summary>
/// <remarks>While an object is open for the first time its file has no name yet; it gets it at CLOSE.</remarks>
public sealed class ObjectPath
{
    /// <summary>Bytes that a file's name has at most. The kernel counts them in one byte: of a longer name it takes what the count's rest says, and so
    /// gives several objects one file.</summary>
    internal const int MaxNameLength = 255;

    private readonly byte[] _directory;
    private readonly byte[] _name;

    /// <summary>Computes where an object is kept.</summary>
    /// <param name="key">The object.</param>
    public ObjectPath(ObjectKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var fanOut = (byte)FscacheHash.OfCookie(key.Volume, key.Cookie);
        _directory = [.. "cache/I"u8, .. key.Volume, .. "/@"u8, .. Encoding.ASCII.GetBytes(fanOut.ToString("x2", null))];
        _name = CookedKey.Cook(key.Cookie);
    }

    /// <summary>The directory, relative to the cache directory.</summary>
    public ReadOnlyMemory<byte> DirectoryName => _directory;

    /// <summary>The file's name in it.</summary>
    public ReadOnlyMemory<byte> FileName => _name;

    /// <summary>The whole path, relative to the cache directory, as UTF-8 text. Only where the volume key is valid UTF-8 does it name the file.</summary>
    public override string ToString() => $"{Encoding.UTF8.GetString(_directory)}/{Encoding.UTF8.GetString(_name)}";
}
