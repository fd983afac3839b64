using CacheFiles.Interop;

namespace CacheFiles.Bench.Machine;

/// <summary>One daemon with an empty cache, and what is mounted from it.</summary>
internal sealed class Session : IAsyncDisposable
{
    // With a domain all mounts share a volume, which takes the kernel some time to make.
    private const string Domain = "bench";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static int s_count;
    private readonly List<string> _mounts = [];
    private readonly string _cache;

    private Session(DaemonProcess daemon, string cache)
    {
        Daemon = daemon;
        _cache = cache;
    }

    internal DaemonProcess Daemon { get; }

    internal static async Task<Session> StartAsync(Variant variant, string source)
    {
        var cache = $"{Paths.Cache}/{++s_count}";
        Directory.CreateDirectory(cache);
        var (program, arguments) = variant.CommandFor(source, cache);
        return new Session(await DaemonProcess.StartAsync(program, arguments), cache);
    }

    /// <summary>Mounts an image.</summary>
    /// <returns>Where.</returns>
    internal async Task<string> MountAsync(string blob)
    {
        var target = NewMount(blob);
        try
        {
            // The call cannot be interrupted: a daemon that does not answer is killed, and that ends it.
            await Task.Run(() => ErofsMount.Mount(target, blob, Domain)).WaitAsync(s_limit);
        }
        catch (Exception e) when (e is TimeoutException or ErrnoException)
        {
            throw new BenchException($"mounting {blob}: {e.Message} {Daemon.Complaints}");
        }
        return target;
    }

    /// <summary>Pages in random order, each once.</summary>
    internal Task<IReadOnlyDictionary<string, double>> ReadRandomAsync(string mount, int readers, int first, int count)
        => ReadAsync("random", $"{mount}/{Paths.Random}", Paths.Original(Paths.Random), $"{readers}", $"{first}", $"{count}", "1");

    internal Task<IReadOnlyDictionary<string, double>> ReadSequentialAsync(string mount, long bytes)
        => ReadAsync("sequential", $"{mount}/{Paths.Sequential}", Paths.Original(Paths.Sequential), $"{bytes}");

    /// <summary>Mounts an image, then a container's start in it.</summary>
    /// <param name="blob">The image.</param>
    /// <param name="mount">Where, from <see cref="NewMount"/>.</param>
    /// <param name="steps">How long the start is.</param>
    internal Task<IReadOnlyDictionary<string, double>> ReadTraceAsync(string blob, string mount, int steps)
        => ReadAsync("trace", mount, Paths.Original(Paths.Tree), $"{steps}", "1", $"fsid={blob},domain_id={Domain}");

    /// <summary>Makes a directory to mount on.</summary>
    internal string NewMount(string blob)
    {
        var target = $"{Paths.Work}/mnt/{s_count}-{blob}";
        Directory.CreateDirectory(target);
        _mounts.Add(target);
        return target;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var mount in _mounts)
        {
            try
            {
                await Task.Run(() => ErofsMount.Unmount(mount)).WaitAsync(s_limit);
            }
            catch (Exception e) when (e is TimeoutException or ErrnoException)
            {
                // It was not mounted, or the daemon does not serve: its end ends the rest.
                Daemon.Kill();
            }
        }
        await Daemon.DisposeAsync();
        await Command.RunAsync("rm", "-rf", _cache);
    }

    private async Task<IReadOnlyDictionary<string, double>> ReadAsync(params string[] arguments)
    {
        try
        {
            return Command.Parse(await Command.RunAsync(Paths.Tool("reader"), arguments));
        }
        catch (BenchException e)
        {
            // A reader that hangs cannot be ended while its daemon lives.
            Daemon.Kill();
            throw new BenchException($"{e.Message} {Daemon.Complaints}");
        }
    }
}
