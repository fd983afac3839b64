using System.Buffers.Binary;

namespace CacheFiles.Fuzz.Messages;

/// <summary>Changes a message so that it lies, knowing where its fields are.</summary>
internal static class Mutator
{
    private static readonly int[] s_fields =
        [Layout.IdAt, Layout.OpcodeAt, Layout.LengthAt, Layout.ObjectAt, Layout.VolumeSizeAt, Layout.CookieSizeAt, Layout.CountAt, Layout.FlagsAt];

    private static readonly uint[] s_words =
        [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 255, 256, 1008, 1023, 1024, 1025, 4095, 4096, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

    private static readonly ulong[] s_longs =
    [
        0, 1, 511, 512, 4095, 4096, 4097, 1 << 20, int.MaxValue, uint.MaxValue, 1UL << 32, 1UL << 44, long.MaxValue - 4095, long.MaxValue - 1,
        long.MaxValue, 1UL << 63, ulong.MaxValue - 4095, ulong.MaxValue,
    ];

    /// <summary>Makes one change.</summary>
    /// <param name="random">Which.</param>
    /// <param name="buffer">As large as a message can be; the message comes first.</param>
    /// <param name="length">The message's length.</param>
    internal static void Mutate(Random random, Span<byte> buffer, ref int length)
    {
        switch (random.Next(9))
        {
            case 0:
                BinaryPrimitives.WriteUInt32LittleEndian(buffer[Pick(random, s_fields)..], Pick(random, s_words));
                break;
            case 1:
                // Near the truth.
                Span<byte> field = buffer[Pick(random, s_fields)..];
                BinaryPrimitives.WriteInt32LittleEndian(field, BinaryPrimitives.ReadInt32LittleEndian(field) + random.Next(-2, 3));
                break;
            case 2:
                BinaryPrimitives.WriteUInt64LittleEndian(buffer[(random.Next(2) == 0 ? Layout.OffsetAt : Layout.CountAt)..], Pick(random, s_longs));
                break;
            case 3:
                // Cut off; often so that the header agrees.
                length = random.Next(length + 1);
                if (random.Next(2) == 0)
                    BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.LengthAt..], length);
                break;
            case 4:
                var longer = random.Next(length, buffer.Length + 1);
                random.NextBytes(buffer[length..longer]);
                length = longer;
                if (random.Next(2) == 0)
                    BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.LengthAt..], length);
                break;
            case 5:
                BinaryPrimitives.WriteInt32LittleEndian(buffer[Layout.OpcodeAt..], random.Next(5));
                break;
            case 6:
                // Keys with a NUL, or without the one they need.
                if (length > Layout.KeysAt)
                    buffer[random.Next(Layout.KeysAt, length)] = (byte)(random.Next(2) == 0 ? 0 : random.Next(256));
                break;
            case 7:
                // The border between the keys moves, their sum stays.
                var moved = random.Next(-40, 41);
                Span<byte> sizes = buffer[Layout.VolumeSizeAt..];
                BinaryPrimitives.WriteInt32LittleEndian(sizes, BinaryPrimitives.ReadInt32LittleEndian(sizes) + moved);
                BinaryPrimitives.WriteInt32LittleEndian(sizes[4..], BinaryPrimitives.ReadInt32LittleEndian(sizes[4..]) - moved);
                break;
            default:
                if (length > 0)
                    buffer[random.Next(length)] ^= (byte)(1 << random.Next(8));
                break;
        }
    }

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
