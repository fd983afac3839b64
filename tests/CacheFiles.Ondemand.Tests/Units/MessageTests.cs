using System.Buffers.Binary;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

/// <summary>The decoder believes no length.</summary>
public sealed class MessageTests
{
    [Fact]
    public void Any_bytes_are_a_message_or_a_problem_and_never_an_exception()
    {
        Random random = Seed.Random();
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = new byte[random.Next(0, random.Next(3) == 0 ? CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE : 64)];
            random.NextBytes(bytes);
            if (bytes.Length >= 16 && random.Next(4) > 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)random.Next(4));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)bytes.Length);
            }
            if (bytes.Length >= 32 && random.Next(2) > 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), (uint)random.Next(bytes.Length));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), (uint)random.Next(bytes.Length));
            }
            Message message = Message.Decode(bytes);
            if (message.Problem is not null)
                continue;
            Assert.Equal((uint)bytes.Length, message.Header.Len);
            Assert.InRange(message.Header.Opcode, 0u, 2u);
            Assert.True(message.Range.Offset >= 0 && message.Range.End >= message.Range.Offset);
            Assert.True(message.Volume.Length + message.Cookie.Length <= bytes.Length - 16);
        }
    }

    [Fact]
    public void The_volume_key_loses_its_NUL_and_nothing_else()
    {
        Assert.Equal("vol"u8, Decode("vol\0"u8, "cookie"u8).Volume);
        Assert.Equal("vol"u8, Decode("vol"u8, "cookie"u8).Volume);
        Assert.Equal("vol\0"u8, Decode("vol\0\0"u8, "cookie"u8).Volume);
        Assert.Equal(0, Decode(""u8, ""u8).Volume.Length);
        Assert.Equal("\0c\0"u8, Decode("\0"u8, "\0c\0"u8).Cookie);
    }

    private static Message Decode(ReadOnlySpan<byte> volume, ReadOnlySpan<byte> cookie)
    {
        byte[] bytes = [.. new byte[32], .. volume, .. cookie];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), (uint)volume.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), (uint)cookie.Length);
        Message message = Message.Decode(bytes);
        Assert.Null(message.Problem);
        return message;
    }
}
