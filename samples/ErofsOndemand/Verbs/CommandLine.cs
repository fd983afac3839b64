namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>The command line: a verb and its arguments. Every error is one line.</summary>
internal sealed class CommandLine(params Verb[] verbs)
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    // Taken at the start: the first use opens a descriptor, and one line has to be possible when those have run out.
    private static readonly TextWriter s_error = Console.Error;

    private static readonly Option[] s_common =
    [
        new("--config", "FILE", $"the configuration (default {ConfigFile.Default})"),
        new("--help", null, "print this"),
    ];

    /// <summary>Prints one line on standard error.</summary>
    internal static void Complain(string message) => s_error.WriteLine($"erofs-ondemand: {message.ReplaceLineEndings(" ")}");

    internal async Task<int> RunAsync(string[] args)
    {
        if (args is [] or ["--help", ..])
        {
            PrintVerbs();
            return args.Length == 0 ? WrongUsage : 0;
        }
        try
        {
            Verb verb = verbs.FirstOrDefault(v => v.Name == args[0]) ?? throw new UsageException($"there is no verb '{args[0]}'");
            if (args.Contains("--help"))
            {
                PrintUsage(verb);
                return 0;
            }
            return await verb.Run(new Arguments(args[1..], [.. verb.Options, .. s_common])).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UsageException or ConfigurationException)
        {
            Complain(e.Message);
            return WrongUsage;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
        {
            Complain(e.Message);
            return Failed;
        }
    }

    private void PrintVerbs()
    {
        Console.WriteLine("usage: erofs-ondemand VERB [ARGUMENT]...");
        Console.WriteLine("Serves EROFS images whose bytes are not local: mounts are there at once, and what is read is fetched and cached.");
        Console.WriteLine();
        foreach (Verb verb in verbs)
            Console.WriteLine($"  {verb.Name,-10} {verb.Purpose}");
        Console.WriteLine();
        Console.WriteLine("'erofs-ondemand VERB --help' says more.");
    }

    private static void PrintUsage(Verb verb)
    {
        Option[] options = [.. verb.Options, .. s_common];
        var forms = options.OrderByDescending(static o => o.Required).Select(static o => o.Required ? o.Form : o.Repeatable ? $"[{o.Form}]..." : $"[{o.Form}]");
        Console.WriteLine($"usage: erofs-ondemand {verb.Name} {string.Join(' ', forms)}");
        Console.WriteLine(verb.Purpose);
        Console.WriteLine();
        foreach (Option option in options)
            Console.WriteLine($"  {option.Form,-22} {option.Help}");
        if (verb.More is not null)
            Console.Write($"\n{verb.More()}");
    }
}
