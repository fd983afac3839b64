using System.Runtime.InteropServices;

namespace CacheFiles.Interop;

/// <summary>The header of every request: <c>struct cachefiles_msg</c>, 16 bytes, host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CacheFilesMsg : IEquatable<CacheFilesMsg>
{
    /// <summary><c>msg_id</c>: names the request in its answer. Ids are used again after the answer.</summary>
    public uint MsgId;

    /// <summary><c>opcode</c>: CACHEFILES_OP_OPEN, _CLOSE or _READ.</summary>
    public uint Opcode;

    /// <summary><c>len</c>: bytes of the whole message, this header included.</summary>
    public uint Len;

    /// <summary><c>object_id</c>: names the object from its OPEN to its CLOSE.</summary>
    public uint ObjectId;

    /// <summary>Whether two have the same fields.</summary>
    public static bool operator ==(CacheFilesMsg left, CacheFilesMsg right) => left.Equals(right);

    /// <summary>Whether two differ in a field.</summary>
    public static bool operator !=(CacheFilesMsg left, CacheFilesMsg right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(CacheFilesMsg other) => MsgId == other.MsgId && Opcode == other.Opcode && Len == other.Len && ObjectId == other.ObjectId;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is CacheFilesMsg other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(MsgId, Opcode, Len, ObjectId);
}
