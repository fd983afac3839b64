using System.Diagnostics;
using System.Text;

namespace CacheFiles.Samples.Tests;

/// <summary>A sample on a terminal: that of script(1).</summary>
internal sealed class Terminal : IDisposable
{
    private const char Interrupt = '\u0003';
    private readonly Process _process;
    private readonly char[] _buffer = new char[4096];

    internal Terminal(string name, params string[] arguments)
    {
        string[] command = [Path.Combine(AppContext.BaseDirectory, name), .. arguments];
        // With --return the status is that of the program: of the shell's place, as Ctrl-C would end one that stayed.
        var line = $"exec {string.Join(' ', command.Select(c => $"'{c}'"))}";
        _process = Process.Start(new ProcessStartInfo("script", ["--quiet", "--return", "--command", line, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Waits until something comes that was not there before.</summary>
    internal async Task ShowsAsync(string text)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(SampleProcess.Patience);
        var seen = new StringBuilder();
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var length = await _process.StandardOutput.ReadAsync(_buffer, end.Token);
            Assert.True(length > 0, $"it ended before it showed '{text}', behind: {seen}");
            seen.Append(_buffer, 0, length);
        }
    }

    /// <summary>Ctrl-C; gives the exit status.</summary>
    internal async Task<int> InterruptAsync()
    {
        await _process.StandardInput.WriteAsync(Interrupt);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Task<string> rest = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(SampleProcess.Patience, TestContext.Current.CancellationToken);
        await rest;
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
