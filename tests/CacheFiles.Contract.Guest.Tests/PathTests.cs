using System.Text;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>Where the library says that an object is, and where the kernel has put it.</summary>
public sealed class PathTests
{
    private const int Keys = 600;

    [Theory(Timeout = Bounded.Test * 4)]
    [Kernels]
    [Mirrors("nydus cookie path", "nydus fan hash")]
    public async Task Every_object_has_the_file_that_its_path_names(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Random random = Seed.Random();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var blobs = new List<Blob>();
        while (blobs.Count < Keys)
        {
            var blob = new Blob(NewKey(random, blobs.Count), 4096);
            if (keys.Add(blob.Text))
                blobs.Add(blob);
        }
        var image = new Image($"paths{random.Next()}", 1 << 20, [.. blobs]);
        await CompareAsync(kernel, image, "paths");
    }

    [Theory(Timeout = Bounded.Test * 4)]
    [Kernels]
    public async Task Names_of_up_to_252_bytes_have_the_file_too(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Random random = Seed.Random();
        int[] printed = [65, 100, 127, 128, 189, 190, 251, 252], encoded = [65, 66, 67, 100, 128, 151, 188, 189];
        IEnumerable<string> names = [.. printed.Select(length => Letters(random, length)), .. encoded.Select(length => Accented(random, length))];
        var image = new Image(Letters(random, 252), 1 << 20, [.. names.Select(name => new Blob(name, 4096))]);
        Assert.Equal(printed.Length + 1, image.Blobs.Count(b => NameOf(b)[0] == 'D'));
        Assert.Equal(encoded.Length, image.Blobs.Count(b => NameOf(b)[0] == 'E'));
        await CompareAsync(kernel, image, "paths");
    }

    /// <summary>190 bytes that have to be encoded are 258 in a file name, of which the kernel counts the lowest eight bits.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels(190, "E2")]
    [Kernels(252, null)]
    public async Task A_name_that_is_too_long_for_a_file_is_cut_off_by_the_kernel_and_so_the_library_refuses_it(string machine, int length, string? cut)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        var image = new Image(Accented(Seed.Random(), length), 8192, []);
        var path = new ObjectPath(ContractKernel.KeyOf(image.Blobs[0]));
        var name = NameOf(image.Blobs[0]);
        Assert.True(name.Length > 255);
        Assert.Equal(cut ?? name[..(name.Length & 255)], name[..(name.Length & 255)]);
        await using (EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image)))
        {
            await Bounded.Of(kernel.RefusesToMountAsync(image));
            Assert.Equal(FaultSource.Open, (await daemon.NextFaultAsync()).Source);
        }
        using HandDaemon hand = HandDaemon.Bind(kernel);
        (ContractMount mount, _) = await hand.MountAsync(image);
        await mount.UnmountAsync();
        await hand.TakeCloseAsync();
        var file = $"{kernel.CacheDirectory}/{Encoding.UTF8.GetString(path.DirectoryName.Span)}/{name[..(name.Length & 255)]}";
        await Bounded.Until(() => File.Exists(file), file);
        File.Delete(file);
    }

    /// <summary>Opens and closes every blob, so that the kernel makes its file, and looks for just these files.</summary>
    private static async Task CompareAsync(ContractKernel kernel, Image image, string domain)
    {
        var volume = Encoding.UTF8.GetBytes($"erofs,{domain}");
        var expected = image.Blobs.Select(b => new ObjectPath(new ObjectKey(volume, b.Key)))
            .Select(p => $"{kernel.CacheDirectory}/{p}").ToHashSet(StringComparer.Ordinal);
        Assert.Equal(image.Blobs.Count, expected.Count);
        var directory = $"{kernel.CacheDirectory}/cache/I{Encoding.UTF8.GetString(volume)}";
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image, domain);
        await Bounded.Until(() => kernel.OpenDescriptors == image.Blobs.Count + 1, "every object is open");
        await mount.UnmountAsync();
        var created = new HashSet<string>(StringComparer.Ordinal);
        await Bounded.Until(
            () =>
            {
                created = [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)];
                return created.Count >= expected.Count;
            },
            "every object has a file");
        Assert.Empty(expected.Except(created));
        Assert.Empty(created.Except(expected));
        Assert.Equal(256, Directory.GetDirectories(directory).Length);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", created.GroupBy(f => Path.GetFileName(f)[0]).Select(g => $"{g.Key}: {g.Count()}")));
        Assert.Empty(daemon.Faults);
    }

    /// <summary>A key of each kind in turn: text, short binary, long binary, few bits, high bytes.</summary>
    private static byte[] NewKey(Random random, int number)
    {
        var length = random.Next(1, 65);
        byte[] any = [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(1, 256))];
        return (number % 6) switch
        {
            0 => Encoding.ASCII.GetBytes(Letters(random, length)),
            1 => any[..Math.Min(length, 4)],
            2 => any,
            3 => [.. any.Select(b => (byte)(b % 4 + 1))],
            4 => [.. any.Select(b => (byte)(b | 0x80))],
            _ => [.. Encoding.ASCII.GetBytes(Letters(random, length - 1)), (byte)'/'],
        };
    }

    private static string NameOf(Blob blob) => Encoding.ASCII.GetString(new ObjectPath(ContractKernel.KeyOf(blob)).FileName.Span);

    /// <summary>As many bytes of UTF-8, half of them not to be printed.</summary>
    private static string Accented(Random random, int bytes)
        => string.Concat(Letters(random, bytes / 4).Select(c => $"{c}x\u00e9")) + Letters(random, bytes % 4);

    private static string Letters(Random random, int count)
        => string.Concat(Enumerable.Range(0, count).Select(_ => (char)random.Next('!', '~')).Select(c => c is '/' or ',' ? 'x' : c));
}
