using System.Globalization;
using System.Text.Json;

namespace CacheFiles.Bench.Results;

/// <summary>The table, and results.json.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal static void Save(IReadOnlyList<Row> rows, string path) => File.WriteAllText(path, JsonSerializer.Serialize(rows, s_json));

    internal static IReadOnlyList<Row> Load(string path) => JsonSerializer.Deserialize<List<Row>>(File.ReadAllText(path), s_json) ?? [];

    internal static IReadOnlyList<Row> InOrder(IReadOnlyList<Row> rows, IReadOnlyList<Measure> measures)
        => [.. measures.Select(measure => rows.Single(row => row.Measure == measure.Name))];

    /// <summary>Whether every row is there and was measured; how well is nobody's business here.</summary>
    /// <returns>The status: 0 where all are.</returns>
    internal static int Check(string path, IReadOnlyList<Measure> measures)
    {
        IReadOnlyList<Row> rows = Load(path);
        var failed = 0;
        foreach (Measure measure in measures)
        {
            Row? row = rows.SingleOrDefault(row => row.Measure == measure.Name);
            if (row is { HasFailed: false } && row.Unit == measure.Unit && (row.Met is null) == (measure.Reach is null))
                continue;
            failed++;
            Console.WriteLine($"FAILED: {measure.Name}: {(row is null ? "is missing" : row.ToString())}");
        }
        if (rows.Count != measures.Count)
        {
            failed++;
            Console.WriteLine($"FAILED: {rows.Count} rows instead of {measures.Count}");
        }
        Console.WriteLine($"{measures.Count - Math.Min(failed, measures.Count)} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    internal static void Print(IReadOnlyList<Row> rows)
    {
        var width = rows.Max(row => row.Measure.Length);
        Console.WriteLine($"{"measure".PadRight(width)} {"value",12} {"unit",-5} {"reference",12} {"ratio",8} {"reach",-9} met");
        foreach (Row row in rows)
            Console.WriteLine($"{row.Measure.PadRight(width)} {Text(row.Value),12} {row.Unit,-5} {Text(row.Reference),12} {Text(row.Ratio),8} {row.Reach,-9} {Verdict(row)}");
    }

    private static string Verdict(Row row)
        => row.HasFailed ? "FAILED" : row.Met switch
        {
            true => "yes",
            false => "no",
            null => "",
        };

    private static string Text(double? value) => value switch
    {
        null => "",
        >= 1000 or <= -1000 => value.Value.ToString("F0", CultureInfo.InvariantCulture),
        >= 100 or <= -100 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F3", CultureInfo.InvariantCulture),
    };
}
