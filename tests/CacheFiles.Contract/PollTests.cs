using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>What poll(2) says of the device, as the library waits for it: edge-triggered.</summary>
public sealed class PollTests
{
    private const int Length = 1 << 20;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_request_wakes_who_waits_and_what_is_answered_does_not(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        Task<DevicePollResult> waiting = WaitAsync(daemon);
        Task<ContractMount> mounting = kernel.MountAsync(image);
        Assert.Equal(DevicePollResult.Request, await waiting);
        await daemon.ServeUntilAsync(mounting, image);
        daemon.Device.Wake();
        Assert.Equal(DevicePollResult.Woken, await WaitAsync(daemon));
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Restore_wakes_who_waits_when_a_READ_is_unanswered(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, _) = await daemon.MountAsync(image);
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        Assert.Null(daemon.TryTake());
        Task<DevicePollResult> waiting = WaitAsync(daemon);
        Assert.Equal(Errno.None, daemon.Command("restore"));
        Assert.Equal(DevicePollResult.Request, await waiting);
        Assert.Equal(read, daemon.TryTake());
        daemon.Serve(read, image.Blobs[0]);
        await Bounded.Of(reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_disk_that_gets_full_asks_for_culling_until_there_is_room(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        Task<DevicePollResult> waiting = WaitAsync(daemon);
        // Between bstop and bcull, whose defaults are 1 and 5.
        using (kernel.FillDisk(freePercent: 3))
        {
            // The kernel looks when something is to be written.
            Assert.Equal(Errno.None, daemon.Write(id, 65_536, 4096, image.Blobs[0]));
            Assert.Equal(DevicePollResult.CullWanted, await waiting);
        }
        Assert.Equal(Errno.None, daemon.Write(id, 131_072, 4096, image.Blobs[0]));
        Task reader = mount.VerifyAsync(262_144, 4096);
        Assert.Equal(DevicePollResult.Request, await WaitAsync(daemon));
        daemon.Serve(await daemon.TakeReadAsync(), image.Blobs[0]);
        await Bounded.Of(reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Below_bstop_nothing_is_written_until_there_is_room(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        using (kernel.FillDisk(freePercent: 0))
            Assert.Equal(Errno.ENOBUFS, daemon.Write(id, 65_536, 4096, image.Blobs[0]));
        Task reader = mount.VerifyAsync(65_536, 4096);
        daemon.Serve(await daemon.TakeReadAsync(), image.Blobs[0]);
        await Bounded.Of(reader);
    }

    /// <summary>While the object is opened anew the device may wake and have nothing.</summary>
    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task Who_reads_only_when_woken_gets_the_OPEN_and_the_READ_of_a_descriptor_that_was_closed(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        daemon.Files[id].Dispose();
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage open = await NextAsync();
        daemon.Accept(open, image.Blobs[0]);
        HandMessage read = await NextAsync();
        Assert.Equal((new ByteRange(65_536, 4096), open.ObjectId), (read.Range, read.ObjectId));
        daemon.Serve(read, image.Blobs[0]);
        await Bounded.Of(reader);

        async Task<HandMessage> NextAsync()
        {
            HandMessage? message;
            while ((message = daemon.TryTake()) is null)
                Assert.Equal(DevicePollResult.Request, await WaitAsync(daemon));
            return message;
        }
    }

    /// <summary>A wait that is not called keeps its thread until the device is closed.</summary>
    private static Task<DevicePollResult> WaitAsync(HandDaemon daemon)
        => Bounded.Of(Task.Factory.StartNew(daemon.Device.Wait, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
}
