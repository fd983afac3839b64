namespace CacheFiles.Interop.Internal;

/// <summary>struct dirent64 (dirent.h), the same in every libc.</summary>
internal static class DirEnt
{
    internal static readonly int NameOffset = 19;
}
