using System.Runtime.InteropServices;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

public sealed class PageBufferPoolTests
{
    [Fact]
    public void Buffers_are_aligned_to_pages_and_large_enough_and_do_not_overlap()
    {
        Random random = Seed.Random();
        var pool = new PageBufferPool();
        var rented = new List<PageBuffer>();
        for (var i = 0; i < 500; i++)
        {
            var size = random.Next(1, PageBufferPool.MaxSize + 1);
            PageBuffer buffer = pool.Rent(size);
            Assert.InRange(buffer.Size, size, Math.Max(2 * size, PageBufferPool.MinSize));
            Assert.Equal(PageBufferPool.SizeFor(size), buffer.Size);
            Assert.Equal(0, Marshal.UnsafeAddrOfPinnedArrayElement(ArrayOf(buffer, out var offset), offset) % Pages.Size);
            buffer.Memory.Span[0] = buffer.Memory.Span[^1] = (byte)i;
            rented.Add(buffer);
            if (random.Next(3) > 0)
                continue;
            var index = random.Next(rented.Count);
            pool.Return(rented[index]);
            rented.RemoveAt(index);
        }
        PageBuffer[] ordered = [.. rented.OrderBy(Address)];
        for (var i = 1; i < ordered.Length; i++)
            Assert.True(Address(ordered[i - 1]) + ordered[i - 1].Size <= Address(ordered[i]));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4096, 1)]
    [InlineData(4097, 2)]
    [InlineData(8192, 2)]
    [InlineData(8193, 4)]
    [InlineData(131_072, 32)]
    [InlineData(1 << 20, 256)]
    [InlineData(long.MaxValue, 256)]
    public void Sizes_are_powers_of_two(long bytes, int pages) => Assert.Equal(pages * 4096, PageBufferPool.SizeFor(bytes));

    private static long Address(PageBuffer buffer) => Marshal.UnsafeAddrOfPinnedArrayElement(ArrayOf(buffer, out var offset), offset);

    private static byte[] ArrayOf(PageBuffer buffer, out int offset)
    {
        Assert.True(MemoryMarshal.TryGetArray(buffer.Memory, out ArraySegment<byte> segment));
        offset = segment.Offset;
        return segment.Array!;
    }
}
