using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>Mounts an image, reads, unmounts, again and again.</summary>
internal sealed class Reader(Session session, int number)
{
    private readonly Random _random = new(session.Plan.Seed ^ number);
    private bool _gaveUp;

    internal async Task RunAsync()
    {
        while (!session.IsOver)
        {
            var epoch = session.Epoch;
            string[] devices = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Blobs.Devices[_random.Next(Blobs.Devices.Count)])];
            if (await MountAsync(devices, epoch) is not { } mount)
            {
                await Task.Delay(1);
                continue;
            }
            for (var i = _random.Next(1, 40); i > 0 && !session.IsOver; i--)
                await ReadAsync(mount, _random.Next(6) == 0 ? mount.Fsid : devices[_random.Next(devices.Length)], epoch);
            if (_random.Next(5) == 0)
                await DisturbAsync(mount, devices[0]);
            await UnmountAsync(mount);
        }
    }

    private async Task<SimulatedMount?> MountAsync(string[] devices, int epoch)
    {
        // What an older mount of a domain still has open broke with its daemon, and would break the new one.
        CancellationToken loss = session.Loss;
        try
        {
            return await session.Kernel.MountAsync(Blobs.Images[number], number % 2 == 0 ? $"domain{epoch}" : null, devices, loss).WaitAsync(Session.Bound, CancellationToken.None);
        }
        catch (OperationCanceledException) when (loss.IsCancellationRequested)
        {
            _gaveUp = true;
        }
        catch (ErrnoException e)
        {
            var isRefused = e.Errno is Errno.EIO or Errno.ENOBUFS && IsExcused(epoch);
            var isLeftOver = e.Errno is Errno.EBUSY or Errno.EEXIST && _gaveUp;
            if (!isRefused && !isLeftOver)
                session.Fail($"a mount fails: {e.Message}");
        }
        catch (Exception e)
        {
            session.Fail($"a mount: {e}");
        }
        return null;
    }

    private async Task ReadAsync(SimulatedMount mount, string blob, int epoch)
    {
        var length = Blobs.LengthOf(blob);
        var offset = _random.Next(length);
        var count = Math.Min(_random.Next(1, _random.Next(12) == 0 ? 400_000 : 10_000), length - offset);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(session.Loss);
        if (session.Plan.Kills && _random.Next(15) == 0)
            kill.CancelAfter(_random.Next(3));
        else if (session.Plan.LosesAnswers)
            kill.CancelAfter(2000);
        var bytes = new byte[count];
        try
        {
            if (_random.Next(4) == 0)
                await ReadOnAsync(mount, blob, offset, bytes, kill.Token);
            else
                await mount.ReadAsync(blob, offset, bytes, kill.Token).AsTask().WaitAsync(Session.Bound, CancellationToken.None);
            if (!Blobs.Has(blob, offset, bytes))
                session.Fail($"a reader gets wrong bytes of {blob}, {count} at {offset}");
        }
        catch (OperationCanceledException) when (kill.IsCancellationRequested)
        {
            // Killed.
        }
        catch (ErrnoException e)
        {
            if (e.Errno != Errno.EIO || !IsExcused(epoch))
                session.Fail($"a read fails: {e.Message}");
        }
        catch (Exception e)
        {
            session.Fail($"a read of {blob}, {count} bytes at {offset}: {e}");
        }
    }

    private static async Task ReadOnAsync(SimulatedMount mount, string blob, long offset, byte[] bytes, CancellationToken kill)
    {
        SimulatedReader reader = mount.OpenReader(blob);
        reader.Position = offset;
        for (int done = 0, count; done < bytes.Length; done += count)
        {
            count = await reader.ReadAsync(bytes.AsMemory(done, Math.Min(bytes.Length - done, 8192)), kill).AsTask().WaitAsync(Session.Bound, CancellationToken.None);
            // An OPEN that was changed on its way can answer another one, with the wrong size.
            if (count == 0)
                throw new ErrnoException(Errno.EIO, $"read({blob})", "The blob ends too early");
        }
    }

    /// <summary>Prefetches, culls, or asks what is in use.</summary>
    private async Task DisturbAsync(SimulatedMount mount, string blob)
    {
        if (session.Life is not { Cache: { } cache, Ledger: var ledger })
            return;
        var key = new ObjectKey($"erofs,{mount.DomainId ?? mount.Fsid}", blob);
        try
        {
            switch (_random.Next(3))
            {
                case 0:
                    ledger.NotePrefetch(blob);
                    using (var end = new CancellationTokenSource(200))
                        await cache.PrefetchAsync(key, new PrefetchOptions { MaxBytesPerSecond = 1 << _random.Next(14, 26) }, end.Token).WaitAsync(Session.Bound, CancellationToken.None);
                    break;
                case 1:
                    await cache.CullAsync(key).WaitAsync(Session.Bound);
                    break;
                default:
                    await cache.IsInUseAsync(key).WaitAsync(Session.Bound);
                    break;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or ErrnoException)
        {
            // It is not served, it stops, or the kernel refuses.
        }
        catch (Exception e)
        {
            session.Fail($"{e}");
        }
    }

    private async Task UnmountAsync(SimulatedMount mount)
    {
        CancellationToken loss = session.Loss;
        try
        {
            await mount.UnmountAsync(loss).WaitAsync(Session.Bound, CancellationToken.None);
        }
        catch (OperationCanceledException) when (loss.IsCancellationRequested)
        {
            _gaveUp = true;
        }
        catch (Exception e)
        {
            session.Fail($"an unmount: {e}");
        }
    }

    /// <summary>Whether something may fail that has to do with a mount.</summary>
    private bool IsExcused(int epoch) => session.Plan.IsHostile || epoch % 2 == 0 || epoch != session.Epoch || session.IsOver;
}
