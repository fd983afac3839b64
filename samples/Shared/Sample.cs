using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>The life of a sample: arguments, bind, <c>ready</c>, serve until a signal. Every error is one line.</summary>
/// <param name="name">The program.</param>
/// <param name="purpose">What it does, in one line.</param>
/// <param name="own">The options that it has besides the common ones.</param>
internal sealed class Sample(string name, string purpose, params Option[] own)
{
    private const int Stopped = 0;
    private const int DeviceLost = 1;
    private const int CannotStart = 2;

    // Taken at the start: the first use opens a descriptor, and one line has to be possible when those have run out.
    private readonly TextWriter _error = Console.Error;

    private readonly Option[] _options =
    [
        .. own,
        new("--cache", "DIR", "an absolute directory on ext4, xfs or btrfs, where the kernel keeps the data") { Required = true },
        new("--tag", "NAME", "the cache's name in the kernel (default CacheFiles)"),
        new("--device", "PATH", $"the device node (default {DeviceHandle.DefaultPath})"),
        KeeperOption.Option,
        new("--help", null, "print this"),
    ];

    /// <summary>Runs the sample.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="prepare">Called before the bind; what it gives is run once the cache is bound.</param>
    /// <returns>The exit status.</returns>
    internal async Task<int> RunAsync(string[] args, Func<Arguments, Service> prepare)
    {
        if (args.Contains("--help"))
        {
            PrintUsage();
            return Stopped;
        }
        var bound = false;
        try
        {
            using var signals = new StopSignals();
            var arguments = new Arguments(args, _options);
            Service service = prepare(arguments);
            OndemandOptions options = service.Configure(new OndemandOptions
            {
                CacheDirectory = arguments["--cache"],
                Tag = arguments.Find("--tag"),
                DevicePath = arguments.Find("--device") ?? DeviceHandle.DefaultPath,
                OnFault = fault => Complain(fault.ToString()),
            });
            IDeviceKeeper? keeper = arguments.Find("--keeper") is { } who ? KeeperOption.Create(who) : null;
            await using var cache = keeper is null
                ? OndemandCache.Bind(options)
                : await OndemandCache.BindOrAdoptAsync(options, keeper, signals.Token).ConfigureAwait(false);
            bound = true;
            Console.WriteLine("ready");
            await service.Serve(cache, signals.Token).ConfigureAwait(false);
            return Stopped;
        }
        catch (OperationCanceledException) when (!bound)
        {
            return Stopped;
        }
        catch (ErrnoException e) when (bound)
        {
            Complain($"the device is lost: {e.Message}");
            return DeviceLost;
        }
        catch (Exception e) when (!bound && e is UsageException or ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Complain(e.Message);
            return CannotStart;
        }
    }

    /// <summary>Prints one line on standard error.</summary>
    internal void Complain(string message) => _error.WriteLine($"{name}: {message.ReplaceLineEndings(" ")}");

    private void PrintUsage()
    {
        var forms = _options.OrderByDescending(static option => option.Required)
            .Select(static option => option.Repeatable ? $"{option.Form} [{option.Form}]..." : option.Required ? option.Form : $"[{option.Form}]");
        Console.WriteLine($"usage: {name} {string.Join(' ', forms)}");
        Console.WriteLine(purpose);
        Console.WriteLine("It prints \"ready\" once the cache is bound. SIGTERM and SIGINT stop it: requests under way are finished first; a second signal ends it at once.");
        Console.WriteLine();
        foreach (Option option in _options)
            Console.WriteLine($"  {option.Form,-16} {option.Help}");
    }
}
