using System.Numerics;
using System.Runtime.InteropServices;

namespace CacheFiles.Ondemand.Internal;

/// <summary>A piece of pinned memory that starts at a page. Who rented it returns it, once nothing can write into it any more.</summary>
internal sealed class PageBuffer(Memory<byte> memory)
{
    internal Memory<byte> Memory { get; } = memory;

    internal int Size => Memory.Length;
}

/// <summary>Page buffers in powers of two, from a page to <see cref="MaxSize"/>.</summary>
internal sealed class PageBufferPool
{
    internal static readonly int MinSize = Environment.SystemPageSize;
    internal const int MaxSize = 1 << 20;

    // Small buffers are cut from one allocation, so that the alignment costs a page per slab and not per buffer.
    private const int SlabSize = 256 << 10;

    private readonly Pool<PageBuffer>[] _free;

    internal PageBufferPool()
    {
        _free = new Pool<PageBuffer>[Bucket(MaxSize) + 1];
        for (var i = 0; i < _free.Length; i++)
        {
            var size = MinSize << i;
            _free[i] = new Pool<PageBuffer>(() => Carve(size));
        }
    }

    /// <summary>The size of the buffer that <see cref="Rent"/> gives for a number of bytes.</summary>
    internal static int SizeFor(long bytes) => MinSize << Bucket(Math.Clamp(bytes, MinSize, MaxSize));

    internal PageBuffer Rent(int size) => _free[Bucket(size)].Rent();

    internal void Return(PageBuffer buffer) => _free[Bucket(buffer.Size)].Return(buffer);

    private static int Bucket(long size) => BitOperations.Log2((ulong)((size - 1) / MinSize * 2 + 1));

    /// <summary>Cuts a slab into buffers: gives one, and keeps the others.</summary>
    private PageBuffer Carve(int size)
    {
        var slab = Math.Max(size, SlabSize);
        var page = Environment.SystemPageSize;
        byte[] array = GC.AllocateUninitializedArray<byte>(slab + page, pinned: true);
        var start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (page - 1));
        for (var offset = size; offset < slab; offset += size)
            Return(new PageBuffer(array.AsMemory(start + offset, size)));
        return new PageBuffer(array.AsMemory(start, size));
    }
}
