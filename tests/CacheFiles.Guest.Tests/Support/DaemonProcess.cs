using System.Diagnostics;
using System.Text;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>One of the samples, as a process of its own.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<string?> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DaemonProcess(string path, IEnumerable<string> arguments)
    {
        _process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // The line is null when the stream ends without one.
        _process.OutputDataReceived += (_, line) => _firstLine.TrySetResult(line.Data);
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
                _error.AppendLine(line.Data);
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Error
    {
        get
        {
            lock (_error)
                return _error.ToString();
        }
    }

    /// <summary>Starts a sample and waits until it can be mounted from.</summary>
    internal static Task<DaemonProcess> StartAsync(string name, params IEnumerable<string> arguments) => StartProgramAsync($"/opt/samples/{name}/{name}", arguments);

    /// <summary>The same with a program of whatever path.</summary>
    internal static async Task<DaemonProcess> StartProgramAsync(string path, params IEnumerable<string> arguments)
    {
        var daemon = new DaemonProcess(path, arguments);
        var line = await Bounded.Within($"{path} does not get ready", daemon._firstLine.Task);
        Assert.True(line == "ready", $"{path}: {daemon.Error}");
        return daemon;
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    /// <returns>The exit status.</returns>
    internal async Task<int> EndAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        await Bounded.Within($"the daemon does not end at SIG{signal}", _process.WaitForExitAsync());
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
