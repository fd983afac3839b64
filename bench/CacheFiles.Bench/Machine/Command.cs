using System.Diagnostics;
using System.Globalization;

namespace CacheFiles.Bench.Machine;

/// <summary>Runs a program to its end, within a time.</summary>
internal static class Command
{
    /// <summary>How long a program may take. Generous: what hangs is to be seen, what is slow is to be measured.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <exception cref="BenchException">It failed, or did not end in time.</exception>
    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(s_limit);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new BenchException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} did not end within {s_limit}");
        }
        return process.ExitCode == 0
            ? await output
            : throw new BenchException($"{Path.GetFileName(program)} {string.Join(' ', arguments)}: status {process.ExitCode}: {(await error).Trim()}");
    }

    /// <summary>The numbers of a line of words NAME=VALUE.</summary>
    internal static IReadOnlyDictionary<string, double> Parse(string line)
        => line.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Split('='))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
}
