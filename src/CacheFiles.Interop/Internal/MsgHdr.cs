using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Internal;

/// <summary><c>struct msghdr</c>. Its pointers are numbers here.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MsgHdr
{
    internal nint Name;
    internal uint NameLength;
    internal nint Vectors;
    internal nuint VectorCount;
    internal nint Control;
    internal nuint ControlLength;
    internal int Flags;
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVec
{
    internal nint Base;
    internal nuint Length;
}

/// <summary><c>struct cmsghdr</c>; what it carries follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CMsgHdr
{
    internal nuint Length;
    internal int Level;
    internal int Type;
}
