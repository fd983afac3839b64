using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Stress;

/// <summary>Everything at once, from a seed: whatever goes wrong, a reader gets the right bytes or EIO, and nothing is left open.</summary>
[Collection(nameof(Alone))]
public sealed class StressTests
{
    private static readonly string[] s_blobs = ["a", "b", "c", "common"];
    private int _reads;
    private int _errors;
    private int _kills;

    [Theory(Timeout = Bounded.Test)]
    [InlineData(SimulatedKernelVersion.Linux612, false)]
    [InlineData(SimulatedKernelVersion.Linux61, false)]
    [InlineData(SimulatedKernelVersion.Linux612, true)]
    public async Task Readers_get_the_right_bytes_or_EIO_whatever_happens(SimulatedKernelVersion version, bool hostile)
    {
        var seed = Seed.Next();
        var kernel = new SimulatedKernel(new() { Version = version, Seed = seed });
        var random = new LockedRandom(seed);
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        for (var life = 0; !time.IsCancellationRequested; life++)
        {
            Daemon daemon = Daemon.Start(kernel, new UnreliableSource(random, hostile), NextOptions(random, hostile) with { CacheDirectory = $"/cache{(random.Next(3) == 0 ? random.Next(life + 1) : life)}" });
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(time.Token);
            ended.CancelAfter(random.Next(100, 1500));
            Task[] tasks = [.. Enumerable.Range(0, 6).Select(i => Task.Run(() => LiveAsync(kernel, daemon, random, hostile, i, ended.Token), CancellationToken.None))];
            if (random.Next(3) > 0)
                await Bounded.Of(Task.WhenAll(tasks));
            else
                await Task.WhenAny(Task.Delay(Timeout.Infinite, ended.Token));
            if (hostile && random.Next(3) == 0)
                kernel.KillDaemon();
            await daemon.DisposeAsync();
            await Bounded.Of(Task.WhenAll(tasks));
            Assert.Equal(0, kernel.OpenDescriptors);
            if (!hostile)
                Assert.DoesNotContain(daemon.Faults, f => f.Source is not (FaultSource.LateCompletion or FaultSource.Open));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{_reads} reads, {_errors} errors, {_kills} kills; {kernel.Sent.Opens} OPENs, {kernel.Sent.Reads} READs, {kernel.Sent.Closes} CLOSEs");
        Assert.True(_reads > 100);
    }

    /// <summary>Mounts, reads at random, unmounts, again and again.</summary>
    private async Task LiveAsync(SimulatedKernel kernel, Daemon daemon, LockedRandom random, bool hostile, int number, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            SimulatedMount mount;
            try
            {
                mount = await Bounded.Of(kernel.MountAsync($"image{number}", "domain", s_blobs, CancellationToken.None));
            }
            catch (ErrnoException e) when (e.Errno is Errno.ENOBUFS or Errno.EIO && (hostile || daemon.Serving.IsCompleted || ended.IsCancellationRequested))
            {
                Interlocked.Increment(ref _errors);
                await Task.Yield();
                continue;
            }
            Task prefetching = random.Next(5) == 0 ? PrefetchAsync(daemon, s_blobs[random.Next(s_blobs.Length)]) : Task.CompletedTask;
            for (var i = random.Next(1, 30); i > 0 && !ended.IsCancellationRequested; i--)
                await ReadAsync(mount, daemon, random, hostile, ended);
            await Bounded.Of(mount.UnmountAsync(CancellationToken.None));
            await Bounded.Of(prefetching);
        }
    }

    private static async Task PrefetchAsync(Daemon daemon, string blob)
    {
        try
        {
            await daemon.Cache.PrefetchAsync(new ObjectKey("erofs,domain", blob), new() { MaxBytesPerSecond = 1 << 22 }, Bounded.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
        {
            // It was not open, or the daemon stops.
        }
    }

    private async Task ReadAsync(SimulatedMount mount, Daemon daemon, LockedRandom random, bool hostile, CancellationToken ended)
    {
        var blob = random.Next(5) == 0 ? mount.Fsid : s_blobs[random.Next(s_blobs.Length)];
        var length = UnreliableSource.LengthOf(blob);
        var offset = random.Next(length);
        var count = Math.Min(random.Next(1, random.Next(6) == 0 ? 400_000 : 10_000), length - offset);
        using var kill = new CancellationTokenSource();
        if (random.Next(20) == 0)
            kill.CancelAfter(random.Next(3));
        try
        {
            var bytes = new byte[count];
            if (random.Next(4) == 0)
            {
                SimulatedReader reader = mount.OpenReader(blob);
                reader.Position = offset;
                for (var done = 0; done < count;)
                    done += await Bounded.Of(reader.ReadAsync(bytes.AsMemory(done, Math.Min(count - done, 8192)), kill.Token).AsTask());
            }
            else
            {
                await Bounded.Of(mount.ReadAsync(blob, offset, bytes, kill.Token).AsTask());
            }
            Assert.True(Content.Of(blob, offset, count).AsSpan().SequenceEqual(bytes), $"wrong bytes in {blob} at {offset}, {count} bytes");
            Interlocked.Increment(ref _reads);
        }
        catch (OperationCanceledException) when (kill.IsCancellationRequested)
        {
            Interlocked.Increment(ref _kills);
        }
        catch (ErrnoException e) when (e.Errno == Errno.EIO && (hostile || daemon.Serving.IsCompleted || ended.IsCancellationRequested))
        {
            Interlocked.Increment(ref _errors);
        }
    }

    private static OndemandOptions NextOptions(LockedRandom random, bool hostile) => Daemon.Options with
    {
        MaxConcurrentFetches = random.Next(1, 20),
        MaxBufferedBytes = 1 << random.Next(20, 24),
        MaxReadAheadBytes = random.Next(3) == 0 ? 0 : 1 << random.Next(12, 21),
        RequestDeadline = hostile ? TimeSpan.FromMilliseconds(random.Next(20, 200)) : TimeSpan.FromSeconds(30),
        DrainTimeout = hostile ? TimeSpan.FromMilliseconds(random.Next(200)) : TimeSpan.FromSeconds(20),
    };
}
