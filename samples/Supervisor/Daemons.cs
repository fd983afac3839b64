using System.ComponentModel;
using System.Diagnostics;

namespace CacheFiles.Samples.Supervisor;

/// <summary>The processes that serve: one, and during an upgrade its successor.</summary>
internal sealed class Daemons
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    // Held while a process is started: it may ask for the device before it is known here.
    private readonly object _lock = new();
    private int _upgrading;
    private volatile int _serving;
    private Process? _current;
    private Successor? _successor;

    /// <summary>How long one may take to go, or to begin to serve.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Keeps a daemon running until it is stopped.</summary>
    internal async Task RunAsync(string[] command, CancellationToken stop)
    {
        Process current = StartCurrent(command);
        var pause = TimeSpan.Zero;
        try
        {
            while (true)
            {
                await current.WaitForExitAsync(stop).ConfigureAwait(false);
                Console.WriteLine($"ended {current.Id} {current.ExitCode}");
                if (Both().Successor is { } successor && await successor.Serving.Task.WaitAsync(stop).ConfigureAwait(false))
                {
                    command = successor.Command;
                    lock (_lock)
                        (_current, _successor) = (current = successor.Process, null);
                    continue;
                }
                pause = _serving == current.Id ? TimeSpan.Zero : Longer(pause);
                (current, pause) = await StartAgainAsync(command, pause, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            (Process? last, Successor? successor) = Both();
            await EndAsync(last!).ConfigureAwait(false);
            if (successor is not null)
                await EndAsync(successor.Process).ConfigureAwait(false);
        }
    }

    /// <summary>Somebody asks for the device: whoever serves goes first. A daemon that was killed has gone already.</summary>
    internal async Task MakeWayAsync(int process, CancellationToken cancellationToken)
    {
        (Process? current, Successor? successor) = Both();
        if (current is null || process == current.Id)
            return;
        if (successor?.Process.Id != process)
            throw new InvalidOperationException($"process {process} was not started by this supervisor");
        Console.WriteLine($"stopping {current.Id}");
        await EndAsync(current).ConfigureAwait(false);
    }

    internal void NoteServing(int process)
    {
        Console.WriteLine($"serving {process}");
        _serving = process;
        if (Both().Successor is { } successor && successor.Process.Id == process)
            successor.Serving.TrySetResult(true);
    }

    /// <summary>Starts a program that asks for the device when it is ready for it. Until then the one that serves knows nothing of it.</summary>
    internal async Task UpgradeAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _upgrading, 1) != 0)
            throw new InvalidOperationException("an upgrade is under way already");
        try
        {
            Successor successor;
            lock (_lock)
                successor = _successor = new Successor([.. command], Start([.. command]));
            Task ended = successor.Process.WaitForExitAsync(CancellationToken.None);
            Task first = await Task.WhenAny(successor.Serving.Task, ended, Task.Delay(Patience, cancellationToken)).ConfigureAwait(false);
            if (successor.Serving.Task.IsCompleted)
                return;
            if (first != ended)
                successor.Process.Kill();
            await ended.ConfigureAwait(false);
            lock (_lock)
                _successor = null;
            successor.Serving.TrySetResult(false);
            Console.WriteLine($"ended {successor.Process.Id} {successor.Process.ExitCode}");
            throw new InvalidOperationException($"the new program ended with status {successor.Process.ExitCode} before it served; the former one goes on");
        }
        finally
        {
            Volatile.Write(ref _upgrading, 0);
        }
    }

    /// <summary>Starts the daemon again. One that ends before it serves, and one that cannot be started, as while its program is being replaced, is
    /// started ever more slowly.</summary>
    private async Task<(Process Started, TimeSpan Pause)> StartAgainAsync(string[] command, TimeSpan pause, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(pause, stop).ConfigureAwait(false);
            try
            {
                return (StartCurrent(command), pause);
            }
            catch (Win32Exception e)
            {
                await Console.Error.WriteLineAsync($"Supervisor: {e.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
                pause = Longer(pause);
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromMilliseconds(Math.Min(s_longest.TotalMilliseconds, (pause.TotalMilliseconds * 2) + 10));

    private (Process? Current, Successor? Successor) Both()
    {
        lock (_lock)
            return (_current, _successor);
    }

    private Process StartCurrent(string[] command)
    {
        lock (_lock)
            return _current = Start(command);
    }

    private static Process Start(string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])) ?? throw new InvalidOperationException($"{command[0]} does not start");
        Console.WriteLine($"started {process.Id}");
        return process;
    }

    /// <summary>Asks a process to go; one that does not is killed, which loses nothing.</summary>
    private static async Task EndAsync(Process process)
    {
        if (process.HasExited)
            return;
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Patience / 2);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private sealed record Successor(string[] Command, Process Process)
    {
        /// <summary>Whether it came to serve.</summary>
        internal TaskCompletionSource<bool> Serving { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
