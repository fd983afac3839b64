using CacheFiles.Interop;

namespace CacheFiles.Contract;

/// <summary>What readers get when all goes well.</summary>
public sealed class DataTests
{
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 01", "erofs-utils 001", "nydus bats rafs")]
    public async Task Every_range_of_an_image_and_of_its_devices_is_what_the_daemon_serves(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(1 << 20, ContractKernel.NewBlob(300_000), ContractKernel.NewBlob(4097));
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image));
        ContractMount mount = await kernel.MountAsync(image);
        Random random = Seed.Random();
        for (var i = 0; i < 100; i++)
        {
            var file = random.Next(image.Blobs.Count);
            var offset = random.NextInt64(image.Blobs[file].Length);
            await mount.VerifyAsync(offset, (int)Math.Min(random.Next(1, 100_000), image.Blobs[file].Length - offset), file);
        }
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 14", "erofs-utils 014")]
    public async Task Images_that_are_mounted_side_by_side_do_not_mix(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image[] images = [ContractKernel.NewImage(200_000), ContractKernel.NewImage(200_000)];
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(images));
        ContractMount[] mounts = await Task.WhenAll(images.Select(kernel.MountAsync));
        await Task.WhenAll(mounts.Select(m => m.VerifyAsync(0, 200_000)));
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 17", "userzj shared-domain-1")]
    public async Task Two_images_of_one_domain_share_a_blob_that_is_opened_and_fetched_once(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Blob common = ContractKernel.NewBlob(100_000);
        Image[] images = [ContractKernel.NewImage(8192, common), ContractKernel.NewImage(8192, common)];
        var source = new BlobSource(images);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount first = await kernel.MountAsync(images[0]);
        ContractMount second = await kernel.MountAsync(images[1]);
        await first.VerifyAsync(0, 100_000, 1);
        await second.VerifyAsync(0, 100_000, 1);
        Assert.Single(source.Opens, k => k.CookieText == common.Text && k.VolumeText == $"erofs,{ContractKernel.Domain}");
        Assert.Equal(100_000, source.Fetches.Where(f => f.Blob == common.Text).Sum(f => f.Range.Length));
        await first.UnmountAsync();
        await second.UnmountAsync();
        await kernel.GetsFileAsync(common);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("userzj shared-domain-2")]
    public async Task An_image_is_mounted_once_in_a_domain_and_goes_on_working(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(100_000);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image));
        ContractMount mount = await kernel.MountAsync(image);
        Assert.Equal(Errno.EEXIST, (await Assert.ThrowsAsync<ErrnoException>(() => kernel.MountAsync(image))).Errno);
        await mount.VerifyAsync(0, 100_000);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("styx TestRepeatedRead")]
    public async Task What_was_read_once_is_not_asked_for_again_by_a_new_mount_and_a_new_daemon(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(100_000);
        var source = new BlobSource(image);
        for (var round = 0; round < 2; round++)
        {
            await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
            ContractMount mount = await kernel.MountAsync(image);
            await mount.VerifyAsync(0, 100_000);
            await mount.UnmountAsync();
            await Bounded.Until(() => source.Closed.Count == round + 1, "the CLOSE");
        }
        Assert.Equal(100_000, source.Fetches.Sum(f => f.Range.Length));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 09", "erofs-utils 009")]
    public async Task A_daemon_that_reads_ahead_fetches_nothing_twice_and_nothing_wrong(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(4 << 20);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source, o => o with { MaxReadAheadBytes = 2 << 20 });
        ContractMount mount = await kernel.MountAsync(image);
        for (var offset = 0; offset < 4 << 20; offset += 65_536)
            await mount.VerifyAsync(offset, 65_536);
        Assert.Equal(4 << 20, source.Fetches.Sum(f => f.Range.Length));
        Assert.True(source.Fetches.Count < 64, $"{source.Fetches.Count} fetches: nothing was read ahead");
        Assert.Empty(daemon.Faults);
    }
}
