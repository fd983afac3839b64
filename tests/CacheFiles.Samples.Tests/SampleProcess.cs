using System.Diagnostics;
using System.Globalization;

namespace CacheFiles.Samples.Tests;

/// <summary>A sample as a user starts it, killed at the end.</summary>
internal sealed class SampleProcess : IDisposable
{
    /// <summary>How long anything is waited for. Generous: the machine may be busy, and nobody waits so long when all is well.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    internal SampleProcess(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, name), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
    }

    internal StreamReader Output => _process.StandardOutput;

    internal StreamReader Error => _process.StandardError;

    /// <summary>Runs a sample to its end.</summary>
    internal static async Task<Result> RunAsync(string name, params string[] arguments)
    {
        using var sample = new SampleProcess(name, arguments);
        Task<string> output = sample.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = sample.Error.ReadToEndAsync(TestContext.Current.CancellationToken);
        return new Result(await sample.ExitAsync(), await output, await error);
    }

    /// <summary>Waits for the end; gives the exit status as a shell does.</summary>
    internal async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Waits for the next line.</summary>
    internal static async Task<string?> LineAsync(StreamReader reader)
        => await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    internal bool HasExited => _process.HasExited;

    internal void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-s", name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    internal sealed record Result(int Status, string Output, string Error);
}
