using System.Globalization;

namespace CacheFiles.Bench.Machine;

/// <summary>Makes the data, and the image of it under all its names.</summary>
internal static class Images
{
    internal static async Task MakeAsync(Sizes sizes)
    {
        Directory.CreateDirectory(Paths.Data);
        Directory.CreateDirectory(Paths.Blobs);
        Directory.CreateDirectory(Paths.Original(Paths.Tree));
        var reader = Paths.Tool("reader");
        await Command.RunAsync(reader, "make", Paths.Original(Paths.Random), Text(sizes.RandomBytes), "1");
        await Command.RunAsync(reader, "make", Paths.Original(Paths.Sequential), Text(sizes.SequentialBytes), "2");
        await Command.RunAsync(reader, "tree", Paths.Original(Paths.Tree), "3");
        var image = $"{Paths.Blobs}/local";
        await Command.RunAsync("mkfs.erofs", "--quiet", "-T0", image, Paths.Data);
        await Command.RunAsync("ln", image, $"{Paths.Blobs}/warm");
        foreach (var delay in sizes.Delays)
            await Command.RunAsync("ln", image, $"{Paths.Blobs}/{Paths.Away(delay)}");
        // For the plain download.
        await Command.RunAsync("ln", Paths.Original(Paths.Sequential), $"{Paths.Blobs}/{Paths.Sequential}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
