using System.Security.Cryptography;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>Threads that read everything of an image, again and again, each in an order of its own, and compare it with its sums.</summary>
/// <remarks>Each round is of another object with the same content, so that there is always something that is not cached. A read that hangs is killable
/// only with the process, which the caller ends then.</remarks>
internal sealed class Readers
{
    private const int MaxPiece = 64 << 10;
    internal const string Image = "first";
    internal const string Data = "common";
    private const string Domain = "torture";
    private readonly Func<int> _next;
    private readonly int _count;
    private readonly int _seed;
    private readonly SemaphoreSlim? _mounts;
    private readonly (byte[] Sum, string Path)[] _files;
    private readonly Task _running;
    private volatile bool _stop;
    private int _reading;
    private int _wrong;
    private int _errors;
    private string? _firstError;

    internal Readers(Blobs blobs, int seed, SemaphoreSlim? mounts = null)
        : this(() => Next(blobs), seed, count: 8, mounts)
    {
    }

    /// <param name="next">Gives the number of the image that is read next.</param>
    /// <param name="seed">Of the order in which they read.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="mounts">Who holds it keeps them from mounting and unmounting.</param>
    internal Readers(Func<int> next, int seed, int count, SemaphoreSlim? mounts = null)
    {
        _mounts = mounts;
        _next = next;
        _count = count;
        _seed = seed;
        _files = [.. File.ReadLines($"{GuestMachine.Images}/{Image}.sha256").Select(l => (Convert.FromHexString(l[..64]), l[66..]))];
        _running = Task.Run(RunAsync);
    }

    /// <summary>Mounts the image with a number.</summary>
    /// <remarks>In one domain, for a new volume costs 256 directories.</remarks>
    internal static Task<Mount> MountAsync(int number) => Mount.OfAsync(Scenario.Patience, $"{Image}-{number}", Domain, $"{Data}-{number}");

    /// <summary>Names the files of the image with a number in the cache, before it is mounted.</summary>
    internal static Task CommitAsync(int number)
        => Bounded.CallAsync("committing", () => ErofsMount.Commit($"{Image}-{number}", Domain, $"{Data}-{number}"));

    /// <summary>How long they wait.</summary>
    internal PauseClock Clock { get; } = new();

    internal int Wrong => _wrong;

    internal int Errors => _errors;

    /// <summary>Those that did not come back when they were stopped.</summary>
    internal int Hung { get; private set; }

    internal string? FirstError => _firstError;

    internal bool Ended => _running.IsCompleted;

    /// <summary>Makes an image that was not there before.</summary>
    internal static int Next(Blobs blobs) => blobs.Next(Image, Data);

    /// <summary>Ends when the round that runs has been read to its end, at the first error, or when that takes too long.</summary>
    internal async Task StopAsync()
    {
        _stop = true;
        await Task.WhenAny(_running, Task.Delay(Scenario.Patience));
        Hung = _running.IsCompleted ? 0 : Math.Max(1, Volatile.Read(ref _reading));
    }

    private async Task RunAsync()
    {
        try
        {
            for (var round = 0; !_stop && _errors + _wrong == 0; round++)
            {
                Mount mount = await AloneAsync(() => MountAsync(_next()));
                var number = round * _count;
                await Task.WhenAll(Enumerable.Range(number, _count).Select(n => Task.Factory.StartNew(
                    () => ReadAll(mount, new Random(_seed + n)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
                await AloneAsync(async () =>
                {
                    await mount.UnmountAsync();
                    return mount;
                });
            }
        }
        catch (Exception e)
        {
            Fail(e.Message);
        }
    }

    /// <summary>Mounts or unmounts, which waits for a daemon too.</summary>
    private async Task<Mount> AloneAsync(Func<Task<Mount>> act)
    {
        await (_mounts?.WaitAsync() ?? Task.CompletedTask);
        var start = Clock.Begin();
        try
        {
            return await act();
        }
        finally
        {
            Clock.End(start);
            _mounts?.Release();
        }
    }

    private void Fail(string what)
    {
        Interlocked.Increment(ref _errors);
        Interlocked.CompareExchange(ref _firstError, what, null);
    }

    /// <summary>Reads and compares all of an image.</summary>
    internal void ReadAll(Mount mount, Random random)
    {
        (byte[] Sum, string Path)[] order = [.. _files];
        random.Shuffle(order);
        Interlocked.Increment(ref _reading);
        foreach ((var sum, var path) in order)
        {
            try
            {
                if (!SHA256.HashData(Read(mount.File(path), random)).AsSpan().SequenceEqual(sum))
                {
                    Interlocked.Increment(ref _wrong);
                    Interlocked.CompareExchange(ref _firstError, $"{path} has other bytes than its source", null);
                }
            }
            catch (IOException e)
            {
                Fail($"{path}: {e.Message}");
            }
            if (_errors + _wrong > 0)
                break;
        }
        Interlocked.Decrement(ref _reading);
    }

    private byte[] Read(string path, Random random)
    {
        // Opening reads too: directories and inodes are data of the image.
        using SafeFileHandle file = Clock.Time(() => File.OpenHandle(path));
        var content = new byte[RandomAccess.GetLength(file)];
        var cuts = new List<int> { 0 };
        while (cuts[^1] < content.Length)
            cuts.Add(Math.Min(content.Length, cuts[^1] + random.Next(1, MaxPiece)));
        int[] pieces = [.. Enumerable.Range(0, cuts.Count - 1)];
        random.Shuffle(pieces);
        foreach (var piece in pieces)
        {
            for (var at = cuts[piece]; at < cuts[piece + 1];)
            {
                var (from, to) = (at, cuts[piece + 1]);
                var count = Clock.Time(() => RandomAccess.Read(file, content.AsSpan(from..to), from));
                if (count == 0)
                    throw new EndOfStreamException($"ends at {at}");
                at += count;
            }
        }
        return content;
    }
}
