using System.Globalization;
using System.Text;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Prometheus' text format, with the names that OpenTelemetry's rules give.</summary>
internal static class PrometheusText
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    internal static string Write(IEnumerable<Family> families)
    {
        var text = new StringBuilder();
        foreach (Family family in families)
            Write(text, family);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Family family)
    {
        var name = NameOf(family);
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Instrument.Description}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {(family.IsHistogram ? "histogram" : family.IsCounter ? "counter" : "gauge")}\n");
        foreach (Series series in family.Series)
        {
            if (family.IsHistogram)
                WriteHistogram(text, name, series);
            else
                text.Append(CultureInfo.InvariantCulture, $"{name}{Labels(series)} {series.Sum}\n");
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, Series series)
    {
        (var sum, var count, long[] upTo) = series.Read();
        for (var i = 0; i < upTo.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{Labels(series, $"{Series.Bounds[i]:0.####}")} {upTo[i]}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{Labels(series, "+Inf")} {count}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Labels(series)} {sum}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{Labels(series)} {count}\n");
    }

    private static string NameOf(Family family)
    {
        // What is in braces counts things, and is no unit.
        var unit = family.Instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return family.Instrument.Name.Replace('.', '_') + unit + (family.IsCounter ? "_total" : "");
    }

    private static string Labels(Series series, string? bound = null)
    {
        var labels = new List<string>();
        if (series.Name is not null)
            labels.Add($"{series.Name.Replace('.', '_')}=\"{Escape(series.Value)}\"");
        if (bound is not null)
            labels.Add($"le=\"{bound}\"");
        return labels.Count > 0 ? $"{{{string.Join(',', labels)}}}" : "";
    }

    private static string Escape(string? value)
        => (value ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
