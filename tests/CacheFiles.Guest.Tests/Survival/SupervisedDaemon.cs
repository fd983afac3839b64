using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>samples/Supervisor keeps the device.</summary>
internal sealed class SupervisedDaemon : KeptDaemon
{
    private const string Supervisor = "/opt/samples/Supervisor/Supervisor";
    private Child? _supervisor;

    internal SupervisedDaemon(string[] settings)
        : this(settings, Path.Combine(System.IO.Directory.CreateTempSubdirectory("supervisor-").FullName, "socket"))
    {
    }

    private SupervisedDaemon(string[] settings, string socket)
        : base($"supervisor:{socket}", settings) => Socket = socket;

    internal string Socket { get; }

    internal override int KeeperId => _supervisor!.Id;

    /// <summary>Asks the supervisor to start another daemon in place of the one that serves.</summary>
    internal async Task<ChildResult> UpgradeAsync(params string[] command)
    {
        using var upgrade = Child.Start(Supervisor, ["--socket", Socket, "--upgrade", "--", .. command]);
        return await upgrade.EndAsync();
    }

    /// <summary>Replaces the daemon by another run of the same program.</summary>
    internal Task<ChildResult> UpgradeAsync() => UpgradeAsync(Command);

    /// <summary>The same with other settings.</summary>
    internal Task<ChildResult> UpgradeWithAsync(string setting) => UpgradeAsync([.. Command, setting]);

    protected override Task BeginAsync()
    {
        // Its own output and that of its daemons come into one file.
        _supervisor = Child.Start("bash", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Log.Path, Supervisor, "--socket", Socket, "--", .. Command]);
        return Task.CompletedTask;
    }

    protected override async Task EndAsync()
    {
        _supervisor?.Signal("TERM");
        if (_supervisor is not null)
            await _supervisor.EndAsync();
        _supervisor?.Dispose();
        System.IO.Directory.Delete(Path.GetDirectoryName(Socket)!, recursive: true);
    }
}
