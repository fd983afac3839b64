using System.Text.Json;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>Tells what a machine can do, for people and for programs.</summary>
internal static class ProbeReport
{
    /// <summary>Prints it on standard output.</summary>
    /// <returns>The exit status: 0 where the machine can serve.</returns>
    internal static int Print(CacheFilesSupport support, bool json)
    {
        if (json)
            Write(support);
        else
            Tell(support);
        return support.Verdict == SupportVerdict.Yes ? 0 : 1;
    }

    private static void Tell(CacheFilesSupport support)
    {
        foreach (SupportCheck check in support.Checks)
        {
            var remedy = check.Remedy is null ? "" : $" -> {check.Remedy}";
            Console.WriteLine($"{check.Verdict.ToString().ToLowerInvariant(),-8}{check.Name,-20}{check.Reason}{remedy}");
        }
        Console.WriteLine(support.Verdict switch
        {
            SupportVerdict.Yes => "This machine can serve images on demand.",
            SupportVerdict.No => "This machine cannot serve images on demand as it is.",
            _ => "Whether this machine can serve images on demand is not known.",
        });
    }

    private static void Write(CacheFilesSupport support)
    {
        using var json = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("verdict", support.Verdict.ToString().ToLowerInvariant());
        json.WriteStartArray("checks");
        foreach (SupportCheck check in support.Checks)
        {
            json.WriteStartObject();
            json.WriteString("name", check.Name);
            json.WriteString("verdict", check.Verdict.ToString().ToLowerInvariant());
            json.WriteBoolean("required", check.Required);
            json.WriteString("reason", check.Reason);
            json.WriteString("remedy", check.Remedy);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
