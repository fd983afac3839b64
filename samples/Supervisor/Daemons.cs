using System.Diagnostics;

namespace CacheFiles.Samples.Supervisor;

/// <summary>The processes that serve: one, and during an upgrade its successor.</summary>
internal sealed class Daemons
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    private int _upgrading;
    private volatile int _serving;
    private volatile Process? _current;
    private volatile Successor? _successor;

    /// <summary>How long one may take to go, or to begin to serve.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Keeps a daemon running until it is stopped.</summary>
    internal async Task RunAsync(string[] command, CancellationToken stop)
    {
        var pause = TimeSpan.Zero;
        Process current = _current = Start(command);
        while (true)
        {
            try
            {
                await current.WaitForExitAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await EndAsync(current).ConfigureAwait(false);
                return;
            }
            Console.WriteLine($"ended {current.Id} {current.ExitCode}");
            if (_successor is { } successor && await successor.Serving.Task.ConfigureAwait(false))
            {
                command = successor.Command;
                _successor = null;
                current = _current = successor.Process;
                continue;
            }
            // One that ends before it serves, again and again, is started ever more slowly.
            pause = _serving == current.Id ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(s_longest.TotalMilliseconds, (pause.TotalMilliseconds * 2) + 10));
            await Task.Delay(pause, stop).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            current = _current = Start(command);
        }
    }

    /// <summary>Somebody asks for the device: whoever serves goes first. A daemon that was killed has gone already.</summary>
    internal async Task MakeWayAsync(int process, CancellationToken cancellationToken)
    {
        if (_current is not { } current || process == current.Id)
            return;
        if (_successor?.Process.Id != process)
            throw new InvalidOperationException($"process {process} was not started by this supervisor");
        if (!current.HasExited)
            await EndAsync(current).ConfigureAwait(false);
    }

    internal void NoteServing(int process)
    {
        Console.WriteLine($"serving {process}");
        _serving = process;
        if (_successor is { } successor && successor.Process.Id == process)
            successor.Serving.TrySetResult(true);
    }

    /// <summary>Starts a program that asks for the device when it is ready for it. Until then the one that serves knows nothing of it.</summary>
    internal async Task UpgradeAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _upgrading, 1) != 0)
            throw new InvalidOperationException("an upgrade is under way already");
        try
        {
            var successor = new Successor([.. command], Start([.. command]));
            _successor = successor;
            Task ended = successor.Process.WaitForExitAsync(CancellationToken.None);
            Task first = await Task.WhenAny(successor.Serving.Task, ended, Task.Delay(Patience, cancellationToken)).ConfigureAwait(false);
            if (successor.Serving.Task.IsCompleted)
                return;
            if (first != ended)
                successor.Process.Kill();
            await ended.ConfigureAwait(false);
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

    private static Process Start(string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])) ?? throw new InvalidOperationException($"{command[0]} does not start");
        Console.WriteLine($"started {process.Id}");
        return process;
    }

    /// <summary>Asks a process to go; one that does not is killed, which loses nothing.</summary>
    private static async Task EndAsync(Process process)
    {
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
