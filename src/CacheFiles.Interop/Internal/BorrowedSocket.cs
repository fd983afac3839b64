using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Internal;

/// <summary>The descriptor of somebody else's socket for the length of one call.</summary>
internal readonly ref struct BorrowedSocket
{
    private readonly SafeHandle _handle;

    internal BorrowedSocket(SafeHandle handle)
    {
        var taken = false;
        _handle = handle ?? throw new ArgumentNullException(nameof(handle));
        handle.DangerousAddRef(ref taken);
    }

    public static implicit operator int(BorrowedSocket borrowed) => (int)borrowed._handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
