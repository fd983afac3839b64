using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary><c>cull</c> and <c>inuse</c>, through the library's verbs.</summary>
public sealed class CullTests
{
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 13", "erofs-utils 013", "nydus cull busy", "nydus cull done", "styx TestGc")]
    public async Task An_object_is_in_use_while_it_is_mounted_and_culled_after_its_CLOSE(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(100_000);
        ObjectKey key = ContractKernel.KeyOf(image.Blobs[0]);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        await mount.VerifyAsync(0, 100_000);
        await mount.UnmountAsync();
        await kernel.GetsFileAsync(image.Blobs[0]);
        mount = await kernel.MountAsync(image);
        var directory = Environment.CurrentDirectory;
        Assert.True(await daemon.Cache.IsInUseAsync(key));
        Assert.Equal(CullResult.InUse, await daemon.Cache.CullAsync(key));
        await mount.UnmountAsync();
        await Bounded.Until(() => source.Closed.Count == 2, "the CLOSE");
        CullResult result = CullResult.InUse;
        while (result == CullResult.InUse)
            result = await daemon.Cache.CullAsync(key).WaitAsync(Bounded.Token);
        Assert.Equal(CullResult.Culled, result);
        Assert.False(kernel.HasFile(key));
        // The verbs are about a working directory: not about that of the process.
        Assert.Equal(directory, Environment.CurrentDirectory);
        source.Fetches.Clear();
        await (await kernel.MountAsync(image)).VerifyAsync(0, 100_000);
        Assert.Equal(100_000, source.Fetches.Sum(f => f.Range.Length));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("nydus cull missing", "nydus cull pending", "nydus cull others go on")]
    public async Task What_has_no_file_yet_is_not_cached_and_others_are_culled_all_the_same(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(8192, ContractKernel.NewBlob(8192));
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        await mount.VerifyAsync(0, 8192, 1);
        Assert.Equal(CullResult.NotCached, await daemon.Cache.CullAsync(ContractKernel.KeyOf(image.Blobs[1])));
        Assert.False(await daemon.Cache.IsInUseAsync(ContractKernel.KeyOf(image.Blobs[1])));
        Assert.Equal(CullResult.NotCached, await daemon.Cache.CullAsync(new ObjectKey("erofs,nowhere", "nothing")));
        await mount.UnmountAsync();
        await kernel.GetsFileAsync(image.Blobs[1]);
        Assert.Equal(CullResult.Culled, await daemon.Cache.CullAsync(ContractKernel.KeyOf(image.Blobs[1])));
    }
}
