using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CacheFiles.Bench.Machine;

/// <summary>A daemon, from its start to its end.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly BlockingCollection<string> _stats = [];
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly Process _process;

    private DaemonProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("stats ", StringComparison.Ordinal) == true)
                _stats.Add(line.Data);
            else if (line.Data is not null)
                _complaints.Enqueue(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>From before its start until it said <c>ready</c>.</summary>
    internal TimeSpan StartTime { get; private init; }

    /// <summary>What it has said on standard error.</summary>
    internal string Complaints => string.Join("; ", _complaints.Take(3));

    /// <exception cref="BenchException">It did not say <c>ready</c>.</exception>
    internal static async Task<DaemonProcess> StartAsync(string program, string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_limit);
        var daemon = new DaemonProcess(process) { StartTime = Stopwatch.GetElapsedTime(start) };
        if (line == "ready")
            return daemon;
        await daemon.DisposeAsync();
        throw new BenchException($"{program} did not start: {daemon.Complaints}");
    }

    /// <summary>What it has used of the processors so far.</summary>
    internal Usage Usage() => Machine.Usage.Of(_process.Id);

    /// <summary>How many descriptors it has.</summary>
    internal int OpenFiles => Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/fd")).Length;

    /// <summary>What one of our daemons says about itself.</summary>
    internal async Task<IReadOnlyDictionary<string, double>> StatsAsync()
    {
        await SignalAsync("USR1");
        return _stats.TryTake(out var line, s_limit) ? Command.Parse(line) : throw new BenchException("the daemon does not tell its counts");
    }

    /// <summary>Ends it at once: whoever waits for it gets an error.</summary>
    internal void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await SignalAsync("TERM");
        try
        {
            await _process.WaitForExitAsync().WaitAsync(s_limit);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(s_limit);
        }
        _process.Dispose();
        _stats.Dispose();
    }

    private Task<string> SignalAsync(string name) => Command.RunAsync("kill", "-s", name, _process.Id.ToString(CultureInfo.InvariantCulture));
}
