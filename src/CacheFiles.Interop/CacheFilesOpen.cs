using System.Runtime.InteropServices;

namespace CacheFiles.Interop;

/// <summary>
/// What follows the header of an OPEN: <c>struct cachefiles_open</c>, 16 bytes, then the volume key (its size includes a NUL) and the
/// cookie key (raw bytes, no NUL).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct CacheFilesOpen : IEquatable<CacheFilesOpen>
{
    /// <summary><c>volume_key_size</c>: bytes of the volume key, the trailing NUL included.</summary>
    public uint VolumeKeySize;

    /// <summary><c>cookie_key_size</c>: bytes of the cookie key.</summary>
    public uint CookieKeySize;

    /// <summary>
    /// <c>fd</c>: the anonymous fd that the kernel installed in the reading process. <see cref="DeviceHandle.TryRead"/> takes it into an
    /// <see cref="ObjectHandle"/> and leaves -1 here, so that it has one owner.
    /// </summary>
    public int Fd;

    /// <summary><c>flags</c>: none are defined.</summary>
    public uint Flags;

    /// <summary>Whether two have the same fields.</summary>
    public static bool operator ==(CacheFilesOpen left, CacheFilesOpen right) => left.Equals(right);

    /// <summary>Whether two differ in a field.</summary>
    public static bool operator !=(CacheFilesOpen left, CacheFilesOpen right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(CacheFilesOpen other) => VolumeKeySize == other.VolumeKeySize && CookieKeySize == other.CookieKeySize && Fd == other.Fd && Flags == other.Flags;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is CacheFilesOpen other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(VolumeKeySize, CookieKeySize, Fd, Flags);
}
