using System.Buffers.Binary;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Fuzz.Messages;

/// <summary>Decodes valid and mutated messages: the outcome is the documented one, and nothing is thrown.</summary>
internal static class DecoderFuzz
{
    internal const int BatchSize = 10_000;

    internal static void RunBatch(int seed, int count)
    {
        var random = new Random(seed);
        var buffer = new byte[Layout.MaxSize];
        for (var i = 0; i < count; i++)
        {
            var length = MessageMaker.Make(random, buffer);
            for (var changes = random.Next(4); changes > 0; changes--)
                Mutator.Mutate(random, buffer, ref length);
            try
            {
                Check(buffer.AsSpan(0, length));
            }
            catch (Exception e) when (e is not FuzzFailure)
            {
                throw new FuzzFailure($"{e.GetType().Name} from the message {Convert.ToHexString(buffer, 0, length)}: {e.Message}", e);
            }
        }
    }

    /// <summary>Compares with what the layout says, worked out in another way.</summary>
    internal static void Check(ReadOnlySpan<byte> bytes)
    {
        Message message = Message.Decode(bytes);
        var isGood = IsGood(bytes, out var volumeSize, out var cookieSize);
        if (isGood != (message.Problem is null))
            throw new FuzzFailure($"{(isGood ? "refused" : "accepted")}: {Convert.ToHexString(bytes)}: {message.Problem}");
        if (!isGood)
            return;
        switch (message.Header.Opcode)
        {
            case Layout.Open:
                ReadOnlySpan<byte> volume = bytes.Slice(Layout.KeysAt, volumeSize);
                Expect(message.Volume.SequenceEqual(volume.EndsWith((byte)0) ? volume[..^1] : volume), "volume", bytes);
                Expect(message.Cookie.SequenceEqual(bytes.Slice(Layout.KeysAt + volumeSize, cookieSize)), "cookie", bytes);
                Use(new ObjectKey(message.Volume, message.Cookie), bytes);
                break;
            case Layout.Read:
                Expect(message.Range.Offset == BinaryPrimitives.ReadInt64LittleEndian(bytes[Layout.OffsetAt..]), "offset", bytes);
                Expect(message.Range.Length == BinaryPrimitives.ReadInt64LittleEndian(bytes[Layout.CountAt..]), "length", bytes);
                Expect(message.Range is { Offset: >= 0, Length: >= 0, End: >= 0 }, "range", bytes);
                break;
        }
    }

    private static bool IsGood(ReadOnlySpan<byte> bytes, out int volumeSize, out int cookieSize)
    {
        volumeSize = cookieSize = 0;
        if (bytes.Length < Layout.HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.LengthAt..]) != bytes.Length)
            return false;
        var opcode = BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.OpcodeAt..]);
        if (opcode == Layout.Close || opcode > Layout.Read || bytes.Length < Layout.KeysAt)
            return opcode == Layout.Close;
        if (opcode == Layout.Read)
        {
            UInt128 end = (UInt128)BinaryPrimitives.ReadUInt64LittleEndian(bytes[Layout.OffsetAt..]) + BinaryPrimitives.ReadUInt64LittleEndian(bytes[Layout.CountAt..]);
            return end <= (UInt128)long.MaxValue;
        }
        var sizes = (Volume: (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.VolumeSizeAt..]), Cookie: (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.CookieSizeAt..]));
        if (sizes.Volume + sizes.Cookie > bytes.Length - Layout.KeysAt)
            return false;
        (volumeSize, cookieSize) = ((int)sizes.Volume, (int)sizes.Cookie);
        return true;
    }

    /// <summary>A key of any bytes can be printed, compared and looked for on the disk; a file name of it never leaves its directory.</summary>
    private static void Use(ObjectKey key, ReadOnlySpan<byte> bytes)
    {
        Expect(key.Equals(new ObjectKey(key.Volume, key.Cookie)) && key.ToString().Length > 0, "key", bytes);
        Expect(!key.TryGetFileName(out var name) || (name is not ("" or "." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0), "file name", bytes);
        var path = new ObjectPath(key);
        Expect(!path.FileName.Span.Contains((byte)'/') && !path.FileName.Span.Contains((byte)0), "path", bytes);
    }

    private static void Expect(bool holds, string what, ReadOnlySpan<byte> bytes)
    {
        if (!holds)
            throw new FuzzFailure($"a wrong {what}: {Convert.ToHexString(bytes)}");
    }
}
