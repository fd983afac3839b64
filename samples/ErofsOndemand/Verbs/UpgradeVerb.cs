using System.ComponentModel;
using System.Diagnostics;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>upgrade</c>: another program takes the place of the one that serves.</summary>
internal static class UpgradeVerb
{
    private const string Unit = "erofs-ondemand.service";

    internal static Verb Verb { get; } = new(
        "upgrade",
        "Has the keeper of the device replace the daemon by another program; readers only wait.",
        RunAsync,
        new Option("--program", "FILE", "the new program (default: this one, to take up a changed configuration)"),
        new Option("--unit", "NAME", $"under systemd: the service to restart, which has to start that program (default {Unit})"));

    private static async Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        var file = ConfigFile.PathOf(arguments);
        var program = Path.GetFullPath(arguments.Find("--program") ?? Environment.ProcessPath!);
        var keeper = configuration.Get(Settings.Keeper)
            ?? throw new ConfigurationException($"{file} names no keeper: without one readers get errors when the daemon ends; restart it when nothing is mounted");
        // A program that cannot even read its configuration is no successor.
        await RunToEndAsync("the daemon that serves was left alone", program, "check", "--config", file).ConfigureAwait(false);
        if (keeper.StartsWith(Settings.Supervisor, StringComparison.Ordinal))
            await new SupervisorKeeper(keeper[Settings.Supervisor.Length..]) { AnswerTimeout = TimeSpan.FromMinutes(2) }
                .UpgradeAsync([program, "serve", "--config", file]).ConfigureAwait(false);
        else
            await RunToEndAsync("readers wait until it starts", "systemctl", "restart", arguments.Find("--unit") ?? Unit).ConfigureAwait(false);
        return 0;
    }

    private static async Task RunToEndAsync(string consequence, string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(program, arguments);
            await process.WaitForExitAsync().ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new IOException($"'{program} {string.Join(' ', arguments)}' ended with status {process.ExitCode}: {consequence}.");
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{program} cannot be started: {e.Message}: {consequence}.", e);
        }
    }
}
