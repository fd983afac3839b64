using System.Runtime.InteropServices;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>An object that was opened by hand, and the file whose bytes it has.</summary>
internal sealed class RawObject(ObjectHandle handle, uint id, string source)
{
    internal ObjectHandle Handle { get; } = handle;

    internal uint Id { get; } = id;

    internal long Length { get; } = new FileInfo(source).Length;

    /// <summary>Serves a READ.</summary>
    internal void Answer(RawRequest read)
    {
        Assert.Equal((CacheFilesUapi.CACHEFILES_OP_READ, Id), (read.Opcode, read.ObjectId));
        Memory<byte> memory = AlignedMemory((int)((read.Length + 4095) / 4096 * 4096));
        using (FileStream file = File.OpenRead(source))
        {
            file.Position = read.Offset;
            file.ReadAtLeast(memory.Span, memory.Length, throwOnEndOfStream: false);
        }
        Handle.WriteAt(memory.Span, read.Offset);
        Assert.Equal(Errno.None, Handle.TryCompleteRead(read.MessageId));
    }

    /// <summary>Zeroed memory that begins at a page.</summary>
    internal static Memory<byte> AlignedMemory(int size)
    {
        var page = Environment.SystemPageSize;
        var array = GC.AllocateArray<byte>(size + page, pinned: true);
        var start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (page - 1));
        return array.AsMemory(start, size);
    }
}
