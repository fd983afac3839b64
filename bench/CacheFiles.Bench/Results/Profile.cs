using System.Globalization;
using CacheFiles.Bench.Machine;

namespace CacheFiles.Bench.Results;

/// <summary>Where the time of the rows went: how busy the machine was, and what of that was the daemon.</summary>
internal sealed class Profile
{
    private static readonly string[] s_columns = ["busy", "elapsed", "cpu", "system", "sleeps"];
    private readonly Samples _samples = new();
    private readonly List<(string Run, string Unit, string Variant)> _lines = [];

    /// <param name="run">What was read.</param>
    /// <param name="unit">What <paramref name="count"/> counts.</param>
    /// <param name="variant">By which daemon.</param>
    /// <param name="result">What the reader has measured.</param>
    /// <param name="used">What the daemon has used meanwhile, where there is one.</param>
    /// <param name="count">Of how much.</param>
    internal void Add(string run, string unit, string variant, IReadOnlyDictionary<string, double> result, Usage used, double count)
    {
        if (!_lines.Contains((run, unit, variant)))
            _lines.Add((run, unit, variant));
        double[] values = [result["busy"], result["seconds"] * 1e6 / count, used.Cpu / count, used.System / count, used.Switches / count];
        foreach (var (column, value) in s_columns.Zip(values))
            _samples.Add($"{run}/{column}", variant, value);
    }

    internal void Print()
    {
        if (_lines.Count == 0)
            return;
        const string Format = "{0,-44} {1,-24} {2,-5} {3,7} {4,10} {5,10} {6,10} {7,10}";
        Console.WriteLine();
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Format, "where the time went", "daemon", "of a", "busy %", "us", "its CPU us", "in kernel", "sleeps"));
        foreach (var (run, unit, variant) in _lines.OrderBy(line => line.Run, StringComparer.Ordinal))
        {
            object[] numbers = [.. s_columns.Select(column => _samples.Median($"{run}/{column}", variant) is { } value ? Math.Round(value, 1) : 0)];
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Format, run, variant, unit, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]));
        }
    }
}
