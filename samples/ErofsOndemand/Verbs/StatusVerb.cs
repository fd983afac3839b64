namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>status</c>: how the daemon is.</summary>
internal static class StatusVerb
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    internal static Verb Verb { get; } = new(
        "status",
        "Shows images, how much of them is cached, READs and fetches in a second, and faults: live on a terminal, else once.",
        RunAsync,
        new Option("--json", null, "print what the daemon answers, once, as one line of JSON"));

    private static async Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        (ControlAnswer answer, var line) = await ControlClient.AskAsync(configuration, ControlVerbs.Status).ConfigureAwait(false);
        if (arguments.Has("--json"))
        {
            Console.WriteLine(line);
            return 0;
        }
        using var signals = new StopSignals();
        var isLive = !Console.IsOutputRedirected;
        StatusReport before = answer.Status!;
        while (true)
        {
            try
            {
                await Task.Delay(s_beat, signals.Token).ConfigureAwait(false);
                StatusReport now = (await ControlClient.AskAsync(configuration, ControlVerbs.Status, signals.Token).ConfigureAwait(false)).Answer.Status!;
                var table = StatusTable.Write(before, now);
                Console.Write(isLive ? Screen(table) : table);
                before = now;
            }
            catch (IOException e) when (isLive)
            {
                // Another daemon may take its place: whoever looks on sees the pause, and then that one.
                Console.Write(Screen($"{e.Message}\n"));
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
            if (!isLive)
                return 0;
        }
    }

    /// <summary>In the place of what was shown before: home, each line with what was right of it wiped, then what was below.</summary>
    private static string Screen(string text) => $"\e[H{text.Replace("\n", "\e[K\n", StringComparison.Ordinal)}\e[J";
}
