using System.Globalization;

namespace CacheFiles.Bench.Machine;

/// <summary>What a process has used of the processors so far.</summary>
/// <param name="Cpu">Its time on them, in microseconds, as the scheduler counts it.</param>
/// <param name="System">The part of it in the kernel, in microseconds.</param>
/// <param name="Switches">How often one of its threads has gone to sleep.</param>
internal readonly record struct Usage(double Cpu, double System, double Switches)
{
    private const double MicrosecondsPerTick = 10_000;
    private const string Sleeps = "voluntary_ctxt_switches:";

    internal static Usage Of(int process)
    {
        string[] threads = Directory.GetDirectories($"/proc/{process}/task");
        return new(
            threads.Sum(thread => Number(File.ReadAllText(thread + "/schedstat").Split(' ')[0])) / 1e3,
            Number(File.ReadAllText($"/proc/{process}/stat").Split(' ')[14]) * MicrosecondsPerTick,
            threads.Sum(thread => Number(File.ReadLines(thread + "/status").Single(line => line.StartsWith(Sleeps, StringComparison.Ordinal))[Sleeps.Length..])));
    }

    public static Usage operator -(Usage later, Usage earlier)
        => new(later.Cpu - earlier.Cpu, later.System - earlier.System, later.Switches - earlier.Switches);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
