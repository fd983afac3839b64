using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>Objects that are closed and daemons that end, by hand.</summary>
public sealed class EndTests
{
    private const int Length = 1 << 20;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_mount_of_what_is_being_unmounted_waits_until_the_CLOSE_is_read_and_the_descriptor_closed(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        await mount.UnmountAsync();
        Task<ContractMount> again = kernel.MountAsync(image);
        HandMessage close = await daemon.TakeCloseAsync();
        Assert.Equal(id, close.ObjectId);
        Assert.Null(daemon.TryTake());
        daemon.Files[id].Dispose();
        HandMessage open = await daemon.TakeOpenAsync();
        daemon.Accept(open, image.Blobs[0]);
        await (await Bounded.Of(again)).VerifyAsync(0, 4096);
        Assert.NotEqual(id, open.ObjectId);
        Assert.Null(daemon.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_CLOSE_comes_although_the_descriptor_is_closed_already_and_has_to_be_read(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(8192);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        await mount.UnmountAsync();
        await Bounded.Until(() => daemon.Device.TryRead(new byte[8], out _, out _) == Errno.EMSGSIZE, "the CLOSE");
        daemon.Files[id].Dispose();
        HandMessage close = await daemon.TakeCloseAsync();
        Assert.Equal(uint.MaxValue, close.ObjectId);
        await kernel.GetsFileAsync(image.Blobs[0]);
        Assert.Null(daemon.TryTake());
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 11", "erofs-utils 011")]
    public async Task After_the_device_is_closed_nothing_is_served_and_what_was_cached_stays_readable(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Image image = ContractKernel.NewImage(Length);
        (ContractMount mount, var id) = await daemon.MountAsync(image);
        daemon.Write(id, 65_536, 4096, image.Blobs[0]);
        await mount.VerifyAsync(65_536, 4096);
        Task reader = mount.IsNotServedAsync(131_072, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        daemon.Device.Dispose();
        await Bounded.Of(reader);
        Assert.NotEqual(Errno.None, daemon.Files[id].CompleteRead(read.MessageId));
        await mount.VerifyAsync(65_536, 4096);
        await mount.IsNotServedAsync(196_608, 4096);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 12", "erofs-utils 012")]
    public async Task A_daemon_that_dies_fails_its_readers_and_the_next_one_serves_after_a_new_mount(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        (ContractMount mount, _) = await daemon.MountAsync(image);
        Task taken = mount.IsNotServedAsync(65_536, 4096);
        await daemon.TakeReadAsync();
        Task queued = mount.IsNotServedAsync(131_072, 4096);
        kernel.Kill();
        await Bounded.Of(Task.WhenAll(taken, queued));
        Assert.Equal(0, kernel.OpenDescriptors);
        await using EngineDaemon next = EngineDaemon.Start(kernel, new BlobSource(image));
        await mount.UnmountAsync();
        await (await kernel.MountAsync(image)).VerifyAsync(0, Length);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_successor_gets_every_unanswered_READ_after_an_OPEN_of_its_object(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        (ContractMount mount, _) = await daemon.MountAsync(image);
        Task reader = mount.VerifyAsync(65_536, 4096);
        HandMessage read = await daemon.TakeReadAsync();
        kernel.Kill(keepDevice: true);
        using HandDaemon successor = HandDaemon.Inherit(kernel);
        Assert.Null(successor.TryTake());
        Assert.Equal(Errno.None, successor.Command("restore"));
        HandMessage open = await successor.TakeOpenAsync();
        successor.Accept(open, image.Blobs[0]);
        HandMessage again = await successor.TakeReadAsync();
        Assert.Equal((read.MessageId, read.Range, open.ObjectId), (again.MessageId, again.Range, again.ObjectId));
        successor.Serve(again, image.Blobs[0]);
        await Bounded.Of(reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_mount_whose_OPEN_the_dead_daemon_had_taken_gets_its_answer_from_the_successor(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(8192);
        using HandDaemon daemon = HandDaemon.Bind(kernel);
        Task<ContractMount> mounting = kernel.MountAsync(image);
        HandMessage open = await daemon.TakeOpenAsync();
        kernel.Kill(keepDevice: true);
        using HandDaemon successor = HandDaemon.Inherit(kernel);
        Assert.Equal(Errno.None, successor.Command("restore"));
        HandMessage again = await successor.TakeOpenAsync();
        Assert.Equal((open.MessageId, open.Key), (again.MessageId, again.Key));
        successor.Accept(again, image.Blobs[0]);
        successor.Serve(await successor.TakeReadAsync(), image.Blobs[0]);
        await (await Bounded.Of(mounting)).VerifyAsync(0, 4096);
    }

    [Theory(Timeout = Bounded.Test * 4)]
    [Kernels]
    [Mirrors("lostjeffle 18", "userzj failover test-private-01", "styx TestRestart", "snapshotter kill-nydusd-failover")]
    public async Task A_file_that_is_read_while_the_daemon_is_killed_fifty_times_is_whole(string machine)
    {
        const int Kills = 50, Piece = 65_536, Pieces = 64;
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Pieces * Piece);
        var source = new BlobSource(image);
        EngineDaemon daemon = EngineDaemon.Start(kernel, source, WithoutDrain);
        ContractMount mount = await kernel.MountAsync(image);
        var standing = new SemaphoreSlim(0);
        var (fetches, kills) = (0, 0);
        // Every other fetch stands until its daemon is killed, so that there is an unanswered READ each time.
        source.InPlaceOfFetch = async (_, _, _, cancelled) =>
        {
            if (Volatile.Read(ref kills) < Kills && Interlocked.Increment(ref fetches) % 2 == 1)
            {
                standing.Release();
                await Task.Delay(Timeout.Infinite, cancelled);
            }
            return false;
        };
        Task reading = ReadAllAsync();
        while (kills < Kills)
        {
            await standing.WaitAsync(Bounded.Token);
            kernel.Kill(keepDevice: true);
            await daemon.EndedAsync();
            Volatile.Write(ref kills, kills + 1);
            daemon = EngineDaemon.Restore(kernel, source, WithoutDrain);
        }
        await Bounded.Of(reading);
        await daemon.DisposeAsync();

        async Task ReadAllAsync()
        {
            for (var piece = 0; piece < Pieces; piece++)
                await mount.VerifyAsync(piece * Piece, Piece);
        }

        static OndemandOptions WithoutDrain(OndemandOptions options) => options with { DrainTimeout = TimeSpan.Zero };
    }
}
