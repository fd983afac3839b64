using System.Text;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

public sealed class ObjectKeyTests
{
    [Fact]
    public void Keys_are_equal_when_their_bytes_are()
    {
        var key = new ObjectKey("volume", "cookie");
        Assert.Equal(key, new ObjectKey("volume"u8, "cookie"u8));
        Assert.Equal(key.GetHashCode(), new ObjectKey("volume"u8, "cookie"u8).GetHashCode());
        Assert.NotEqual(key, new ObjectKey("volumecoo", "kie"));
        Assert.NotEqual(key, new ObjectKey("volume", "cookif"));
        Assert.False(key.Equals((object?)"volume/cookie"));
        Assert.False(key.Equals(null));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("größe", "größe")]
    [InlineData("a\\b", @"a\x5cb")]
    [InlineData("a\nb", @"a\x0ab")]
    [InlineData("", "")]
    public void Text_is_a_view_for_people(string key, string text)
    {
        Assert.Equal(text, new ObjectKey("v", key).CookieText);
        Assert.Equal($"v/{text}", new ObjectKey("v", key).ToString());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_and_told_apart()
    {
        var binary = new ObjectKey("v"u8, [0xff, (byte)'a', 0xc3, 0x28, 0]);
        Assert.Equal(@"\xffa\xc3(\x00", binary.CookieText);
        Assert.NotEqual(binary, new ObjectKey("v", binary.CookieText));
    }

    [Theory]
    [InlineData("image", true)]
    [InlineData("größe", true)]
    [InlineData("...", true)]
    [InlineData(" ", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("/", false)]
    [InlineData("a\0", false)]
    public void Only_a_plain_name_is_a_file_name(string key, bool expected)
    {
        Assert.Equal(expected, new ObjectKey("v", key).TryGetFileName(out var name));
        Assert.Equal(expected ? key : null, name);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_names_too_long_are_no_file_names()
    {
        Assert.False(new ObjectKey("v"u8, [(byte)'a', 0xff]).TryGetFileName(out _));
        Assert.True(new ObjectKey("v", new string('a', 255)).TryGetFileName(out _));
        Assert.False(new ObjectKey("v", new string('a', 256)).TryGetFileName(out _));
        Assert.False(new ObjectKey("v", new string('ß', 128)).TryGetFileName(out _));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Keys_of_any_bytes_come_through_as_long_as_the_kernel_has_a_file_name_for_them()
    {
        Random random = Seed.Random();
        var kernel = new SimulatedKernel();
        var seen = new List<ObjectKey>();
        var fetcher = new Fetcher((key, _) => { lock (seen) seen.Add(key); return new(0); }, (_, _, _) => default);
        await using Daemon daemon = Daemon.Start(kernel, fetcher);
        for (var length = 0; length <= 255; length++)
        {
            // Encoded, 189 bytes are 254; of longer names the kernel loses a part.
            var (volume, cookie) = (new byte[length], new byte[Math.Min(189, 255 - length)]);
            random.NextBytes(volume);
            random.NextBytes(cookie);
            var key = new ObjectKey(volume, cookie);
            var opened = await kernel.Objects.AcquireAsync(key, default);
            Assert.Equal(Interop.Errno.None, await Bounded.Of(opened.Opened));
            lock (seen)
                Assert.Equal(key, seen[^1]);
        }
        Assert.Empty(daemon.Faults);
    }

    [Fact]
    public void The_bytes_are_copied()
    {
        byte[] cookie = Encoding.ASCII.GetBytes("cookie");
        var key = new ObjectKey("volume"u8, cookie);
        cookie[0] = 0;
        Assert.Equal("volume/cookie", key.ToString());
    }
}
