using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Support;

/// <summary>An empty file of the test's own, deleted at the end.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile()
    {
        Path = System.IO.Path.GetTempFileName();
        Handle = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite);
    }

    public string Path { get; }

    public SafeFileHandle Handle { get; }

    public long Length
    {
        get => RandomAccess.GetLength(Handle);
        set => RandomAccess.SetLength(Handle, value);
    }

    /// <summary>Reads a range; what the file does not have is missing at the end.</summary>
    public byte[] Read(long offset, int length)
    {
        var bytes = new byte[length];
        return bytes[..RandomAccess.Read(Handle, bytes, offset)];
    }

    /// <summary>An object whose descriptor is this file.</summary>
    public ObjectHandle AsObject() => Handle.AsObject();

    public void Dispose()
    {
        Handle.Dispose();
        File.Delete(Path);
    }
}
