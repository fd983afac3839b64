namespace CacheFiles.Contract;

/// <summary>Many objects at once.</summary>
public sealed class ScaleTests
{
    [Theory(Timeout = Bounded.Test * 4)]
    [Kernels]
    public async Task Five_thousand_objects_are_open_at_once_in_one_domain(string machine)
    {
        const int Objects = 5000;
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(2 << 20, [.. Enumerable.Range(0, Objects - 1).Select(_ => ContractKernel.NewBlob(8192))]);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        await Bounded.Until(() => source.Opens.Count == Objects, "every object is asked for");
        await Bounded.Until(() => kernel.OpenDescriptors == Objects + 1, "every object is open");
        for (var file = 1; file < ErofsImage.MaxFiles; file++)
            await mount.VerifyAsync(0, 8192, file);
        await mount.UnmountAsync();
        await Bounded.Until(() => source.Closed.Count == Objects, "every object is closed");
        await Bounded.Until(() => kernel.OpenDescriptors == 1, "every descriptor is closed");
        Assert.Equal(Objects, source.Opens.Distinct().Count());
        Assert.Empty(daemon.Faults);
    }
}
