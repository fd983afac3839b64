using System.Runtime.InteropServices;

namespace CacheFiles.Interop;

/// <summary>What follows the header of a READ: <c>struct cachefiles_read</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CacheFilesRead : IEquatable<CacheFilesRead>
{
    /// <summary><c>off</c>: first byte that the reader waits for.</summary>
    public ulong Off;

    /// <summary><c>len</c>: bytes that the reader waits for. The range may end beyond the object.</summary>
    public ulong Len;

    /// <summary>Whether two have the same fields.</summary>
    public static bool operator ==(CacheFilesRead left, CacheFilesRead right) => left.Equals(right);

    /// <summary>Whether two differ in a field.</summary>
    public static bool operator !=(CacheFilesRead left, CacheFilesRead right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(CacheFilesRead other) => Off == other.Off && Len == other.Len;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is CacheFilesRead other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Off, Len);
}
