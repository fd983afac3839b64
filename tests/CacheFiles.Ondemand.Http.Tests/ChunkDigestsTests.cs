using System.Diagnostics;
using System.Security.Cryptography;

namespace CacheFiles.Ondemand.Http.Tests;

/// <summary>The forms of a list of digests.</summary>
public sealed class ChunkDigestsTests
{
    private readonly Random _random = Seed.Random();

    [Theory(Timeout = HttpTest.Bound)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public async Task The_text_and_the_binary_form_say_the_same(int length)
    {
        byte[] bytes = Bytes(length);
        ChunkDigests digests = await ChunkDigests.ComputeAsync(new MemoryStream(bytes), 4096, TestContext.Current.CancellationToken);
        Assert.Equal(bytes.Chunk(4096).SelectMany(SHA256.HashData), digests.Digests.ToArray());
        var text = new StringWriter();
        digests.WriteTo(text);
        foreach (ChunkDigests read in new[] { ChunkDigests.Parse(new StringReader(text.ToString())), new(4096, length, digests.Digests) })
        {
            Assert.Equal(4096, read.ChunkSizeBytes);
            Assert.Equal(length, read.LengthBytes);
            Assert.Equal(digests.Digests, read.Digests);
        }
    }

    [Fact(Timeout = HttpTest.Bound)]
    public async Task The_shells_list_in_the_documentation_is_that_form()
    {
        var directory = Directory.CreateTempSubdirectory("digests").FullName;
        try
        {
            byte[] bytes = Bytes(200_000);
            await File.WriteAllBytesAsync(Path.Combine(directory, "blob"), bytes, TestContext.Current.CancellationToken);
            const string Recipe = "{ echo \"sha256 65536 $(stat -c %s blob)\"; split -b 65536 --filter='sha256sum | cut -c 1-64' blob; } > blob.sha256";
            using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", Recipe]) { WorkingDirectory = directory })!;
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, shell.ExitCode);
            using StreamReader list = File.OpenText(Path.Combine(directory, "blob.sha256"));
            ChunkDigests computed = await ChunkDigests.ComputeAsync(new MemoryStream(bytes), 65536, TestContext.Current.CancellationToken);
            Assert.Equal(computed.Digests, ChunkDigests.Parse(list).Digests);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Empty_lines_comments_and_capitals_are_nothing_special()
    {
        var digest = new string('A', 64);
        var digests = ChunkDigests.Parse(new StringReader($"# made by hand\n\nsha256  4096 5000\n  {digest}\r\n# second\n{digest.ToLowerInvariant()}"));
        Assert.Equal(5000, digests.LengthBytes);
        Assert.All(digests.Digests.ToArray(), value => Assert.Equal(0xaa, value));
    }

    [Theory]
    [InlineData("", "no line")]
    [InlineData("# nothing\n", "no line")]
    [InlineData("md5 4096 0", "Line 1")]
    [InlineData("sha256 4096", "Line 1")]
    [InlineData("sha256 4096 -1", "Line 1")]
    [InlineData("sha256 4096 99999999999999999999", "Line 1")]
    [InlineData("sha256 4096 0\nabc", "Line 2")]
    [InlineData("\nsha256 4096 1\nzz000000000000000000000000000000000000000000000000000000000000zz", "Line 3")]
    [InlineData("sha256 4096 1", "digests")]
    [InlineData("sha256 4095 0", "chunkSizeBytes")]
    [InlineData("sha256 67108865 0", "chunkSizeBytes")]
    public void Anything_else_is_refused_with_the_line(string text, string said)
    {
        FormatException e = Assert.Throws<FormatException>(() => ChunkDigests.Parse(new StringReader(text)));
        Assert.Contains(said, e.Message);
    }

    [Fact]
    public void A_list_of_another_length_than_the_object_has_chunks_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ChunkDigests(4096, 8192, new byte[32]));
        Assert.Throws<ArgumentException>(() => new ChunkDigests(4096, 8192, new byte[65]));
        Assert.Throws<ArgumentException>(() => new ChunkDigests(4096, long.MaxValue, new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChunkDigests(4096, -1, []));
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
