using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Simulator;

/// <summary>Waiting for the simulated device.</summary>
public sealed class PollTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_change_calls_one_thread_and_it_is_the_one_that_came_last()
    {
        using var daemon = new HandDaemon(_kernel);
        Assert.Null(daemon.TryTake());
        Task<DevicePollResult> first = Wait(daemon);
        await Bounded.Until(() => daemon.Device.WaitingThreads == 1, "the first thread waits");
        Task<DevicePollResult> second = Wait(daemon);
        await Bounded.Until(() => daemon.Device.WaitingThreads == 2, "the second thread waits");
        Task<SimulatedMount> mounting = _kernel.Mount();
        Assert.Equal(DevicePollResult.Request, await second);
        Assert.False(first.IsCompleted);
        daemon.Device.CompleteOpen((await daemon.TakeOpenAsync()).MessageId, 0);
        await mounting;
        daemon.Device.Wake();
        Assert.Equal(DevicePollResult.Woken, await first);
        Assert.Equal(DevicePollResult.Woken, await Wait(daemon));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_change_that_finds_nobody_waiting_is_kept_and_told_once()
    {
        using var daemon = new HandDaemon(_kernel);
        Task<SimulatedMount> mounting = _kernel.Mount();
        Assert.Equal(DevicePollResult.Request, await Wait(daemon));
        Task<DevicePollResult> next = Wait(daemon);
        await Bounded.Until(() => daemon.Device.WaitingThreads == 1, "the thread waits though the OPEN was not read");
        daemon.Device.Recheck();
        Assert.Equal(DevicePollResult.Request, await next);
        daemon.Device.CompleteOpen((await daemon.TakeOpenAsync()).MessageId, 0);
        await mounting;
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_closed_device_is_lost()
    {
        var daemon = new HandDaemon(_kernel);
        Task<DevicePollResult> waiting = Wait(daemon);
        daemon.Dispose();
        Assert.Equal(DevicePollResult.Lost, await waiting);
        Assert.Equal(Errno.EBADF, daemon.Command("restore"));
        Assert.Equal(Errno.EBADF, daemon.Device.CompleteOpen(0, 0));
        Assert.Equal(Errno.EBADF, daemon.Device.TryRead(new byte[1024], out _, out _));
        daemon.Dispose();
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_disk_that_gets_full_asks_for_culling()
    {
        var kernel = new SimulatedKernel(new() { CapacityBytes = 1 << 20 });
        using var daemon = new HandDaemon(kernel);
        var (_, id) = await daemon.MountAsync(kernel, 1 << 20);
        Task<DevicePollResult> waiting = WaitFor(daemon, DevicePollResult.CullWanted);
        for (var offset = 4096L; daemon.Write(id, offset, 4096) == Errno.None; offset += 4096)
        {
        }
        Assert.Equal(DevicePollResult.CullWanted, await waiting);
        Assert.Equal(Errno.ENOBUFS, daemon.Write(id, 1_044_480, 4096));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task With_a_seed_the_device_sometimes_wakes_for_nothing_and_always_alike()
    {
        var seed = Seed.Next();
        List<int> wakes = await SpuriousWakes(seed);
        Assert.NotEmpty(wakes);
        Assert.Equal(wakes, await SpuriousWakes(seed));
        Assert.Empty(await SpuriousWakes(0));
    }

    private static async Task<List<int>> SpuriousWakes(int seed)
    {
        var kernel = new SimulatedKernel(new() { Seed = seed });
        using var daemon = new HandDaemon(kernel);
        var (mount, _) = await daemon.MountAsync(kernel, 1 << 20);
        var wakes = new List<int>();
        for (var i = 1; i <= 100; i++)
        {
            Task reader = mount.Verify(i * 4096, 4096);
            daemon.Serve(await daemon.TakeReadAsync());
            await reader;
            if (!daemon.Device.Cache.HasSpuriousWake)
                continue;
            wakes.Add(i);
            Assert.Equal(DevicePollResult.Request, await Wait(daemon));
            Assert.Null(daemon.TryTake());
        }
        return wakes;
    }

    private static Task<DevicePollResult> Wait(HandDaemon daemon) => Bounded.Of(Task.Run(daemon.Device.Wait, CancellationToken.None));

    private static Task<DevicePollResult> WaitFor(HandDaemon daemon, DevicePollResult wanted) => Bounded.Of(Task.Run(
        () =>
        {
            DevicePollResult result;
            do
                result = daemon.Device.Wait();
            while ((result & (wanted | DevicePollResult.Lost)) == 0);
            return result;
        },
        CancellationToken.None));
}
