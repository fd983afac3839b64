using System.Security.Cryptography;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Samples.Tests.Snippets;

/// <summary>The first page of the package for tests.</summary>
// A page of ten lines leaves the tokens to the defaults.
#pragma warning disable xUnit1051
public class FetcherTest
{
    [Fact]
    public async Task A_reader_gets_the_bytes_of_the_blob()
    {
        var blob = RandomNumberGenerator.GetBytes(300_000);
        var kernel = new SimulatedKernel();
        await using var cache = kernel.Bind(new() { CacheDirectory = "/cache" });
        _ = cache.ServeAsync(new MemoryBlobs(new Dictionary<string, byte[]> { ["image"] = blob }));
        SimulatedMount mount = await kernel.MountAsync("image");
        Assert.Equal(blob, await mount.ReadAsync("image", 0, blob.Length));
    }
}
