using System.Text;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>serve</c>: the daemon.</summary>
internal static class ServeVerb
{
    internal static Verb Verb { get; } = new(
        "serve",
        "Serves images until SIGTERM or SIGINT. It prints \"ready\" once they can be mounted.",
        RunAsync,
        new Option("--verbose", null, "print each open, fetch and close on standard error"))
    {
        More = ListSettings,
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        using var source = new BlobSource(configuration);
        using var meters = new MeterStore();
        var fetcher = new TellingFetcher(source.Fetcher, CommandLine.Complain, arguments.Has("--verbose") ? Console.Error.WriteLine : null);
        return await Life.RunAsync(CommandLine.Complain, () => (
            configuration.ToOptions() with { OnFault = static fault => CommandLine.Complain(fault.ToString()) },
            configuration.ToKeeper(),
            new Service((cache, stop) => cache.ServeAsync(fetcher, stop)) { Begin = cache => new Beside(configuration, cache, meters) })).ConfigureAwait(false);
    }

    /// <summary>The keys of the configuration.</summary>
    private static string ListSettings()
    {
        var text = new StringBuilder("The configuration file:\n");
        foreach (IGrouping<string, Setting> section in Settings.All.GroupBy(s => s.Section))
        {
            text.Append($"\n[{section.Key}]\n");
            foreach (Setting setting in section)
            {
                var initial = setting.Required ? "" : $" (default {(setting.Default.Length > 0 ? setting.Default : Setting.None)})";
                text.Append($"  {$"{setting.Name} = {setting.Form}",-36} {setting.Help.Replace("`", "", StringComparison.Ordinal)}{initial}\n");
            }
        }
        return text.ToString();
    }
}
