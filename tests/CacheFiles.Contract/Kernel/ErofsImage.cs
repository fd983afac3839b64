using System.Buffers.Binary;
using System.Globalization;

namespace CacheFiles.Contract.Kernel;

/// <summary>The smallest EROFS image that names blobs (fs/erofs/erofs_fs.h): a superblock, a root directory, for each of the first blobs a file
/// that is one chunk of it, and the device table. With few blobs all of it is in the first block.</summary>
internal static class ErofsImage
{
    /// <summary>How many blobs have a file.</summary>
    internal const int MaxFiles = 16;

    private const int BlockSize = 4096, SuperblockAt = 1024, SlotSize = 32, InodeSize = 64, DirentSize = 12, DeviceSize = 128, TagSize = 64;
    private const int RootAt = SuperblockAt + DeviceSize;
    private const int ExtendedInode = 1, Inline = 2 << 1, ChunkBased = 4 << 1, WithIndexes = 0x20, LargestChunk = 0x1f;
    private const int FeatureChunks = 4, FeatureDevices = 8;
    private const int IsDirectory = 0x4000, IsFile = 0x8000;

    /// <param name="blobs">The image's own and its devices.</param>
    internal static byte[] Make(Blob[] blobs)
    {
        string[] names = [".", "..", .. Enumerable.Range(0, Math.Min(blobs.Length, MaxFiles)).Select(NameOf)];
        Array.Sort(names, string.CompareOrdinal);
        var directorySize = names.Length * DirentSize + names.Sum(n => n.Length);
        var filesAt = RoundUp(RootAt + InodeSize + directorySize, SlotSize);
        var fileStride = RoundUp(InodeSize + sizeof(ulong), SlotSize);
        var devicesAt = RoundUp(filesAt + (names.Length - 2) * fileStride, DeviceSize);
        var image = new byte[RoundUp(devicesAt + (blobs.Length - 1) * DeviceSize, BlockSize)];

        WriteSuperblock(image.AsSpan(SuperblockAt), blobs.Length - 1, devicesAt);
        WriteInode(image.AsSpan(RootAt), Inline, IsDirectory | 0x1ed, directorySize, 0);
        WriteDirectory(image.AsSpan(RootAt + InodeSize), names, name => name[0] == '.' ? RootAt : filesAt + int.Parse(name, null) * fileStride);
        for (var file = 0; file < names.Length - 2; file++)
        {
            Span<byte> inode = image.AsSpan(filesAt + file * fileStride);
            WriteInode(inode, ChunkBased, IsFile | 0x124, blobs[file].FileLength, WithIndexes | LargestChunk);
            // Its only chunk begins with the first block of device `file`; 0 is the image itself.
            BinaryPrimitives.WriteUInt16LittleEndian(inode[(InodeSize + 2)..], (ushort)file);
        }
        for (var device = 1; device < blobs.Length; device++)
        {
            ReadOnlySpan<byte> tag = blobs[device].Key;
            Span<byte> slot = image.AsSpan(devicesAt + (device - 1) * DeviceSize);
            tag[..Math.Min(tag.Length, TagSize)].CopyTo(slot);
            BinaryPrimitives.WriteUInt32LittleEndian(slot[TagSize..], (uint)((blobs[device].FileLength + BlockSize - 1) / BlockSize));
        }
        return image;
    }

    /// <summary>Whether a name fits into the device table; others are given to mount(2).</summary>
    internal static bool IsTag(ReadOnlySpan<byte> name) => name.Length <= TagSize;

    internal static string NameOf(int file) => file.ToString(CultureInfo.InvariantCulture);

    private static void WriteSuperblock(Span<byte> superblock, int devices, int devicesAt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(superblock, 0xe0f5e1e2);
        superblock[12] = 12;
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[14..], RootAt / SlotSize);
        BinaryPrimitives.WriteUInt32LittleEndian(superblock[80..], FeatureChunks | FeatureDevices);
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[86..], (ushort)devices);
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[88..], (ushort)(devicesAt / DeviceSize));
    }

    private static void WriteInode(Span<byte> inode, int layout, int mode, long size, int chunkFormat)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(inode, (ushort)(ExtendedInode | layout));
        BinaryPrimitives.WriteUInt16LittleEndian(inode[4..], (ushort)mode);
        BinaryPrimitives.WriteInt64LittleEndian(inode[8..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(inode[16..], (uint)chunkFormat);
        BinaryPrimitives.WriteUInt32LittleEndian(inode[44..], 1);
    }

    private static void WriteDirectory(Span<byte> directory, string[] names, Func<string, int> inodeAt)
    {
        var nameAt = names.Length * DirentSize;
        for (var i = 0; i < names.Length; i++)
        {
            Span<byte> entry = directory[(i * DirentSize)..];
            BinaryPrimitives.WriteUInt64LittleEndian(entry, (ulong)(inodeAt(names[i]) / SlotSize));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], (ushort)nameAt);
            entry[10] = (byte)(names[i][0] == '.' ? 2 : 1);
            System.Text.Encoding.ASCII.GetBytes(names[i], directory[nameAt..]);
            nameAt += names[i].Length;
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
