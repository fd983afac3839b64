using System.Runtime.InteropServices;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop;

/// <summary>Who is at the other end of a connected unix socket: <c>struct ucred</c>, as the kernel noted it when the connection was made.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PeerCredentials : IEquatable<PeerCredentials>
{
    /// <summary><c>pid</c>: the process.</summary>
    public int Pid;

    /// <summary><c>uid</c>: its effective user.</summary>
    public uint Uid;

    /// <summary><c>gid</c>: its effective group.</summary>
    public uint Gid;

    /// <summary>Whether two have the same fields.</summary>
    public static bool operator ==(PeerCredentials left, PeerCredentials right) => left.Equals(right);

    /// <summary>Whether two differ in a field.</summary>
    public static bool operator !=(PeerCredentials left, PeerCredentials right) => !left.Equals(right);

    /// <summary>Asks the kernel (SO_PEERCRED).</summary>
    /// <param name="socket">A connected unix socket. Borrowed.</param>
    /// <exception cref="ErrnoException">ENOTSOCK: it is no socket.</exception>
    public static unsafe PeerCredentials Of(SafeHandle socket)
    {
        PeerCredentials peer;
        var length = (uint)sizeof(PeerCredentials);
        using BorrowedSocket fd = new(socket);
        Sys.Check(Libc.getsockopt(fd, Libc.SOL_SOCKET, Libc.SO_PEERCRED, &peer, &length), "getsockopt(SO_PEERCRED)");
        return peer;
    }

    /// <inheritdoc/>
    public readonly bool Equals(PeerCredentials other) => Pid == other.Pid && Uid == other.Uid && Gid == other.Gid;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is PeerCredentials other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Pid, Uid, Gid);
}
