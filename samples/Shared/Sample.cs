using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>A sample that is all daemon: its arguments, and its <see cref="Life"/>.</summary>
/// <param name="name">The program.</param>
/// <param name="purpose">What it does, in one line.</param>
/// <param name="own">The options that it has besides the common ones.</param>
internal sealed class Sample(string name, string purpose, params Option[] own)
{
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
            return 0;
        }
        return await Life.RunAsync(Complain, () =>
        {
            var arguments = new Arguments(args, _options);
            Service service = prepare(arguments);
            OndemandOptions options = service.Configure(new OndemandOptions
            {
                CacheDirectory = arguments["--cache"],
                Tag = arguments.Find("--tag"),
                DevicePath = arguments.Find("--device") ?? DeviceHandle.DefaultPath,
                OnFault = fault => Complain(fault.ToString()),
            });
            return (options, arguments.Find("--keeper") is { } who ? KeeperOption.Create(who) : null, service);
        }).ConfigureAwait(false);
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
