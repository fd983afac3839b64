namespace CacheFiles.Guest.Tests.Support;

/// <summary>Compares a mounted image with the tree that it was made of.</summary>
internal static class ImageCheck
{
    /// <summary>Every file has the SHA-256 of its source.</summary>
    internal static Task SumsAsync(string image, Mount mount, string how = "sequential", int seed = 0)
    {
        GuestMachine.DropCaches();
        return CheckAsync(SumsOf(image), mount, how, seed);
    }

    /// <summary>One file has the SHA-256 of its source.</summary>
    internal static async Task FileAsync(string image, Mount mount, string file, string how = "sequential", int seed = 0)
    {
        GuestMachine.DropCaches();
        var sums = Path.GetTempFileName();
        File.WriteAllLines(sums, [File.ReadLines(SumsOf(image)).Single(l => l[66..] == $"./{file}")]);
        await CheckAsync(sums, mount, how, seed);
        File.Delete(sums);
    }

    /// <summary>Names, kinds, modes, sizes, links and attributes are those of the source.</summary>
    internal static async Task ListAsync(string image, Mount mount)
    {
        var listed = await Child.SucceedAsync("/", "/opt/tests/tree-list", mount.Path);
        Assert.Equal(await File.ReadAllTextAsync($"{GuestMachine.Images}/{image}.list"), listed);
    }

    /// <summary>How many bytes the image's files have in whole blocks; their tails may be beside the inodes. A file with several names counts once.</summary>
    internal static long BytesOfFiles(string image)
        => File.ReadLines($"{GuestMachine.Images}/{image}.list").Select(l => l.Split(' ')).Where(f => f[0] == "f")
            .Sum(f => long.Parse(f[3], null) / 4096 * 4096 / long.Parse(f[2], null));

    private static Task<string> CheckAsync(string sums, Mount mount, string how, int seed)
        => how == "sequential"
            ? Child.SucceedAsync(mount.Path, "sha256sum", "--check", "--quiet", "--strict", sums)
            : Child.SucceedAsync("/", Environment.ProcessPath!, Self, "read", how, $"{seed}", mount.Path, sums);

    private static string Self => typeof(ImageCheck).Assembly.Location;

    private static string SumsOf(string image) => $"{GuestMachine.Images}/{image}.sha256";
}
