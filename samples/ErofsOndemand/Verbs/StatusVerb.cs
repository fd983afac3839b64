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
                // Home, each line with what was right of it wiped, then what was below.
                Console.Write(isLive ? $"\e[H{table.Replace("\n", "\e[K\n", StringComparison.Ordinal)}\e[J" : table);
                before = now;
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
            if (!isLive)
                return 0;
        }
    }
}
