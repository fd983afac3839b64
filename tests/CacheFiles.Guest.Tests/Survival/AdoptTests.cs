using System.Collections.Concurrent;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A device that cannot be adopted: it is said why, and it is let go of.</summary>
public sealed class AdoptTests : IDisposable
{
    private const string ErrorInjection = "/proc/sys/cachefiles/error_injection";
    private readonly string _directory = Directory.CreateTempSubdirectory("adopt-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<OndemandFault> _faults = new();

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [GuestFact]
    public async Task A_device_with_another_directory_is_let_go_of_and_the_cache_that_is_wanted_is_bound()
    {
        using DeviceSupervisor supervisor = Supervise(out SupervisorKeeper keeper);
        OndemandOptions other = Options();
        await (await OndemandCache.BindOrAdoptAsync(other, keeper)).DisposeAsync();
        Assert.True(supervisor.HoldsDevice);

        await ServesAsync(Options(), keeper);

        OndemandFault fault = Assert.Single(_faults);
        Assert.Equal(FaultSource.Keeper, fault.Source);
        Assert.Contains(other.CacheDirectory, fault.ToString(), StringComparison.Ordinal);
        await _stop.CancelAsync();
    }

    [GuestFact]
    public async Task A_device_whose_cache_is_dead_is_let_go_of_and_the_cache_is_bound_anew()
    {
        using DeviceSupervisor supervisor = Supervise(out SupervisorKeeper keeper);
        OndemandOptions options = Options();
        await using (OndemandCache cache = await OndemandCache.BindOrAdoptAsync(options, keeper))
        {
            using var files = new TestFetcher(GuestMachine.Blobs);
            Task serving = cache.ServeAsync(files);
            await using (await Mount.OfAsync("first", "dom", "common"))
            {
                // Its file system fails from here on: at the first object that is looked up the kernel gives the cache up.
                await File.WriteAllTextAsync(ErrorInjection, "2\n");
                try
                {
                    await Mount.FailAsync("second", "dom", "common");
                }
                finally
                {
                    await File.WriteAllTextAsync(ErrorInjection, "0\n");
                }
            }
            await cache.DisposeAsync();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _faults.Clear();

        await ServesAsync(options, keeper);

        Assert.Contains("dead", Assert.Single(_faults).ToString(), StringComparison.Ordinal);
        await _stop.CancelAsync();
    }

    [GuestFact]
    public void What_is_not_the_device_or_not_bound_is_told_apart_and_closed()
    {
        OndemandOptions options = Options();
        var notDevice = Assert.Throws<AdoptionException>(() => OndemandCache.Adopt(DeviceHandle.Open("/dev/null"), options));
        var notBound = Assert.Throws<AdoptionException>(() => OndemandCache.Adopt(DeviceHandle.Open(), options));

        Assert.Equal((AdoptionFailure.NotTheDevice, AdoptionFailure.NotBound), (notDevice.Reason, notBound.Reason));
        DeviceHandle.Open().Dispose();
    }

    private static async Task ServesAsync(OndemandOptions options, SupervisorKeeper keeper)
    {
        await using OndemandCache cache = await OndemandCache.BindOrAdoptAsync(options, keeper);
        using var files = new TestFetcher(GuestMachine.Blobs);
        Task serving = cache.ServeAsync(files);
        await using (Mount mount = await Mount.OfAsync("plain"))
            await ImageCheck.FileAsync("plain", mount, "large/whole");
        await cache.DisposeAsync();
        await Bounded.Within("serving does not end", serving);
    }

    private OndemandOptions Options() => new() { CacheDirectory = GuestMachine.NewCacheDirectory(), OnFault = _faults.Enqueue };

    private DeviceSupervisor Supervise(out SupervisorKeeper keeper)
    {
        var socket = Path.Combine(_directory, "socket");
        var supervisor = new DeviceSupervisor(socket);
        _ = supervisor.RunAsync(_stop.Token);
        keeper = new SupervisorKeeper(socket);
        return supervisor;
    }
}
