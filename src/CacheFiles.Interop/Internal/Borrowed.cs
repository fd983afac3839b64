namespace CacheFiles.Interop.Internal;

/// <summary>The descriptor of a handle for the length of one call: it cannot be closed, and its number not be used again, meanwhile.</summary>
internal readonly ref struct Borrowed
{
    private readonly LinuxHandle _handle;

    internal Borrowed(LinuxHandle handle)
    {
        var taken = false;
        _handle = handle ?? throw new ArgumentNullException(nameof(handle));
        handle.DangerousAddRef(ref taken);
    }

    public static implicit operator int(Borrowed borrowed) => (int)borrowed._handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
