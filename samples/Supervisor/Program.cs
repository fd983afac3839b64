using CacheFiles.Ondemand;
using CacheFiles.Samples.Supervisor;

const string usage = """
    usage: Supervisor --socket PATH [--upgrade] -- DAEMON [ARGUMENT]...
    Holds the cachefiles device for a daemon that is started with --keeper supervisor:PATH, and starts it again when it ends.
    With --upgrade it asks the supervisor at PATH to put another program in its daemon's place, and ends when that one serves.

    It prints "started PID", "serving PID", "stopping PID" and "ended PID STATUS". SIGTERM and SIGINT stop it and its daemon; mounts are then without one.
    """;

// Taken at the start: the first use opens a descriptor, and what is held is to be the same in the first hour as in the last.
TextWriter error = Console.Error;
var split = Array.IndexOf(args, "--");
if (args.Contains("--help") && (split < 0 || Array.IndexOf(args, "--help") < split))
{
    Console.WriteLine(usage);
    return 0;
}
try
{
    var arguments = new Arguments(
        split < 0 ? args : args[..split],
        [new Option("--socket", "PATH", "the path of the socket") { Required = true }, new Option("--upgrade", null, "replace the daemon of a supervisor that runs")]);
    string[] command = split < 0 ? [] : args[(split + 1)..];
    if (command.Length == 0)
        throw new UsageException("there is no daemon to start: put it after --");
    using var signals = new StopSignals();
    var socket = Path.GetFullPath(arguments["--socket"]);
    if (arguments.Has("--upgrade"))
    {
        await new SupervisorKeeper(socket) { AnswerTimeout = Daemons.Patience * 2 }.UpgradeAsync(command, signals.Token).ConfigureAwait(false);
        return 0;
    }
    var daemons = new Daemons();
    using var supervisor = new DeviceSupervisor(socket)
    {
        BeforeGive = daemons.MakeWayAsync,
        OnServing = daemons.NoteServing,
        OnUpgrade = daemons.UpgradeAsync,
        OnRefused = why => error.WriteLine($"Supervisor: {why.ReplaceLineEndings(" ")}"),
    };
    // It answers as long as there is a daemon, which may have something to say while it ends.
    using var ended = new CancellationTokenSource();
    Task answering = supervisor.RunAsync(ended.Token);
    await daemons.RunAsync(command, signals.Token).ConfigureAwait(false);
    await ended.CancelAsync().ConfigureAwait(false);
    await answering.ConfigureAwait(false);
    return 0;
}
catch (OperationCanceledException)
{
    return 0;
}
catch (Exception e) when (e is UsageException or ArgumentException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
{
    error.WriteLine($"Supervisor: {e.Message.ReplaceLineEndings(" ")}");
    return 2;
}
