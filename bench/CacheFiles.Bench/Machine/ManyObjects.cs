using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CacheFiles.Bench.Machine;

/// <summary>An image whose device table names very many blobs: one mount opens them all. mkfs.erofs makes images of one further blob at most,
/// so the table is written here (fs/erofs/erofs_fs.h).</summary>
internal static class ManyObjects
{
    private const int SuperBlock = 1024;
    private const int FeatureCompat = SuperBlock + 8;
    private const int FeatureIncompat = SuperBlock + 80;
    private const int ExtraDevices = SuperBlock + 86;
    private const int DeviceTableSlot = SuperBlock + 88;
    private const int SlotSize = 128;
    private const uint Checksum = 1;
    private const uint DeviceTable = 8;

    /// <summary>Fills a directory with the image, its blobs, and the image that is read meanwhile.</summary>
    internal static async Task MakeAsync(string directory, string name, int count)
    {
        Directory.CreateDirectory(directory);
        var empty = Directory.CreateDirectory(Paths.Work + "/empty").FullName;
        var image = $"{directory}/{name}";
        await Command.RunAsync("mkfs.erofs", "--quiet", "-T0", image, empty);
        byte[] blocks = await File.ReadAllBytesAsync(image);
        var table = new byte[count * SlotSize];
        for (var i = 0; i < count; i++)
        {
            var blob = string.Create(CultureInfo.InvariantCulture, $"blob{i}");
            Encoding.ASCII.GetBytes(blob, table.AsSpan(i * SlotSize));
            // Blocks of the device.
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan((i * SlotSize) + 64), 1);
            File.CreateSymbolicLink($"{directory}/{blob}", $"{Paths.Blobs}/local");
        }
        uint compat = BinaryPrimitives.ReadUInt32LittleEndian(blocks.AsSpan(FeatureCompat));
        BinaryPrimitives.WriteUInt32LittleEndian(blocks.AsSpan(FeatureCompat), compat & ~Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(blocks.AsSpan(FeatureIncompat), DeviceTable);
        BinaryPrimitives.WriteUInt16LittleEndian(blocks.AsSpan(ExtraDevices), checked((ushort)count));
        BinaryPrimitives.WriteUInt16LittleEndian(blocks.AsSpan(DeviceTableSlot), checked((ushort)(blocks.Length / SlotSize)));
        byte[] padding = new byte[-table.Length & 4095];
        await File.WriteAllBytesAsync(image, [.. blocks, .. table, .. padding]);
        File.CreateSymbolicLink($"{directory}/local", $"{Paths.Blobs}/local");
    }
}
