using CacheFiles.Ondemand;

namespace CacheFiles.Contract.Tests;

/// <summary>Keys at which a real kernel stops before it sends their OPEN.</summary>
public sealed class LongKeyTests
{
    [Theory(Timeout = Bounded.Test)]
    [Kernels(253, true)]
    [Kernels(254, true)]
    [Kernels(255, false)]
    public async Task A_key_of_up_to_255_bytes_is_served_if_its_file_name_is_no_longer_and_else_refused(string machine, int length, bool served)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        var image = new Image(new string('k', length), 8192, []);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, new BlobSource(image));
        if (served)
        {
            await (await kernel.MountAsync(image)).VerifyAsync(0, 8192);
            Assert.Empty(daemon.Faults);
        }
        else
        {
            await kernel.RefusesToMountAsync(image);
            Assert.Equal((FaultSource.Open, image.Name), ((await daemon.NextFaultAsync()) is var fault ? fault.Source : default, fault.Key?.CookieText));
        }
    }
}
