using System.Numerics;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>What the cache holds of an object: sparse, page by page. Guarded by the kernel's lock.</summary>
internal sealed class BackingFile(CacheDirectory directory, long objectSize)
{
    private const int PagesPerChunk = 64;
    private static readonly int s_pageSize = Environment.SystemPageSize;
    private readonly SortedList<long, Chunk> _chunks = [];

    /// <summary>The size in bytes that the object was opened with: a later OPEN with another one finds this file stale.</summary>
    internal long ObjectSize { get; } = objectSize;

    /// <summary>The file's size in bytes: that of the object, in whole pages; writes beyond make it grow.</summary>
    internal long Size { get; private set; } = PageCeiling(objectSize);

    /// <summary>Bytes of data, in whole pages.</summary>
    internal long DataBytes { get; private set; }

    /// <summary>When it was last used: of two files the later one has the greater number.</summary>
    internal long LastUsed { get; set; }

    /// <summary>Whether it has a name on the disk. Until its first CLOSE it has none, and culling does not see it.</summary>
    internal bool IsLinked { get; set; }

    internal static long PageFloor(long value) => value & -s_pageSize;

    internal static long PageCeiling(long value) => (value + s_pageSize - 1) & -s_pageSize;

    internal bool HasPage(long position) => Find(position / s_pageSize) is { } chunk && chunk.Has(Slot(position / s_pageSize));

    /// <summary>Bytes that a write would add.</summary>
    internal long MissingBytes(long offset, int length)
    {
        var missing = 0L;
        for (var page = PageFloor(offset); page < offset + length; page += s_pageSize)
            missing += HasPage(page) ? 0 : s_pageSize;
        return missing;
    }

    /// <summary>Writes; what is left of the last page is zero where it was a hole.</summary>
    /// <param name="offset">A multiple of the page size.</param>
    /// <param name="data">The bytes.</param>
    internal void Write(long offset, ReadOnlySpan<byte> data)
    {
        Size = Math.Max(Size, offset + data.Length);
        for (; !data.IsEmpty; offset += s_pageSize)
        {
            ReadOnlySpan<byte> part = data[..Math.Min(data.Length, s_pageSize)];
            Chunk chunk = FindOrAdd(offset / s_pageSize);
            var slot = Slot(offset / s_pageSize);
            Span<byte> page = chunk.Pages[slot] ??= new byte[s_pageSize];
            if (!chunk.Has(slot))
            {
                chunk.Present |= 1UL << slot;
                AddData(s_pageSize);
                page[part.Length..].Clear();
            }
            part.CopyTo(page);
            data = data[part.Length..];
        }
    }

    /// <summary>Copies bytes from an offset up to the first hole.</summary>
    /// <returns>How many.</returns>
    internal int Read(long offset, Span<byte> destination)
    {
        var copied = 0;
        while (copied < destination.Length && HasPage(offset))
        {
            var page = offset / s_pageSize;
            ReadOnlySpan<byte> bytes = Find(page)!.Pages[Slot(page)].AsSpan((int)(offset % s_pageSize));
            bytes = bytes[..Math.Min(bytes.Length, destination.Length - copied)];
            bytes.CopyTo(destination[copied..]);
            copied += bytes.Length;
            offset += bytes.Length;
        }
        return copied;
    }

    /// <summary>SEEK_DATA: -1 where nothing follows.</summary>
    internal long SeekData(long offset)
    {
        if (offset >= Size)
            return -1;
        var first = offset / s_pageSize;
        for (var i = LowerBound(first / PagesPerChunk); i < _chunks.Count; i++)
        {
            var index = _chunks.Keys[i];
            var bits = _chunks.Values[i].Present;
            if (index == first / PagesPerChunk)
                bits &= ulong.MaxValue << Slot(first);
            if (bits != 0)
                return Math.Max(offset, (index * PagesPerChunk + BitOperations.TrailingZeroCount(bits)) * s_pageSize);
        }
        return -1;
    }

    /// <summary>SEEK_HOLE: the file's end counts as one; -1 behind it.</summary>
    internal long SeekHole(long offset)
    {
        if (offset >= Size)
            return -1;
        while (offset < Size && HasPage(offset))
            offset = PageFloor(offset) + s_pageSize;
        return Math.Min(offset, Size);
    }

    /// <summary>Makes everything a hole again; the memory is kept, so that a next time allocates nothing.</summary>
    internal void Punch()
    {
        foreach (Chunk chunk in _chunks.Values)
            chunk.Present = 0;
        AddData(-DataBytes);
    }

    private void AddData(long bytes)
    {
        DataBytes += bytes;
        directory.UsedBytes += bytes;
    }

    private static int Slot(long page) => (int)(page % PagesPerChunk);

    private Chunk? Find(long page) => _chunks.GetValueOrDefault(page / PagesPerChunk);

    private Chunk FindOrAdd(long page)
    {
        if (Find(page) is { } chunk)
            return chunk;
        chunk = new Chunk();
        _chunks.Add(page / PagesPerChunk, chunk);
        return chunk;
    }

    private int LowerBound(long index)
    {
        var (low, high) = (0, _chunks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_chunks.Keys[middle] < index)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private sealed class Chunk
    {
        internal byte[]?[] Pages { get; } = new byte[PagesPerChunk][];

        internal ulong Present { get; set; }

        internal bool Has(int slot) => (Present >> slot & 1) != 0;
    }
}
