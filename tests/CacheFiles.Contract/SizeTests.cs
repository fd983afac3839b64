using CacheFiles.Interop;

namespace CacheFiles.Contract;

/// <summary>Blobs of every size, and images that say something else about it.</summary>
public sealed class SizeTests
{
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task The_last_block_of_any_length_is_read_to_the_byte(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(8192, [.. new long[] { 1, 511, 513, 4095, 4097, 131_073 }.Select(ContractKernel.NewBlob)]);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        for (var file = 1; file < image.Blobs.Count; file++)
            await mount.VerifyAsync(0, (int)image.Blobs[file].Length, file);
        Assert.All(source.Fetches, f => Assert.True(f.Range.End <= image.Blobs.Single(b => b.Text == f.Blob).Length, $"{f.Blob}: {f.Range}"));
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("styx TestNoOverflowBeforeSuper")]
    public async Task Offsets_beyond_4_GiB_are_not_cut_off(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        const long Large = (1L << 32) + (1L << 20) + 1;
        Image image = ContractKernel.NewImage(8192, ContractKernel.NewBlob(Large));
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        foreach (var offset in new[] { Large - 5000, (1L << 32) - 4096, 1L << 31, 1L << 32 })
            await mount.VerifyAsync(offset, 5000, 1);
        Assert.Contains(source.Fetches, f => f.Range.Offset > 1L << 32);
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_blob_of_no_bytes_can_be_opened_and_nothing_of_it_is_asked_for(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(8192, ContractKernel.NewBlob(0));
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        await Bounded.Until(() => source.Opens.Any(k => k.CookieText == image.Blobs[1].Text), "its OPEN");
        await mount.VerifyAsync(0, 8192);
        await mount.UnmountAsync();
        await Bounded.Until(() => source.Closed.Count == 2, "both are closed");
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task What_an_image_has_behind_the_end_of_its_blob_is_EIO_and_what_is_before_it_is_read(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Blob cut = new(ContractKernel.NewBlob(0).Text, 100_000, fileLength: 200_000);
        Image image = ContractKernel.NewImage(8192, cut);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        await mount.FailsToReadAsync(90_000, 50_000, 1);
        await mount.FailsToReadAsync(150_000, 4096, 1);
        await mount.VerifyAsync(0, 100_000, 1);
        Assert.All(source.Fetches, f => Assert.True(f.Blob == image.Name || f.Range.End <= 100_000, $"{f.Range}"));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_length_that_no_file_system_takes_refuses_the_mount(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(8192);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Task refused = kernel.RefusesToMountAsync(image);
        HandMessage open = await daemon.TakeOpenAsync();
        Assert.Equal(Errno.None, daemon.Device.CompleteOpen(open.MessageId, 1L << 45));
        await daemon.ServeUntilAsync(refused, image);
    }
}
