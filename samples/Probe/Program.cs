using System.Text.Json;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

Option[] options =
[
    new("--cache", "DIR", "the directory where the cache is to be"),
    new("--device", "PATH", $"the device node; {DeviceHandle.DefaultPath} if not given"),
    new("--json", null, "prints JSON"),
    new("--help", null, "prints this"),
];
try
{
    var arguments = new Arguments(args, options);
    if (arguments.Has("--help"))
    {
        Console.WriteLine("Probe [--cache DIR] [--device PATH] [--json]: tells what this machine can do for on-demand caching.");
        foreach (Option option in options)
            Console.WriteLine($"  {option.Form,-16} {option.Help}");
        return 0;
    }
    CacheFilesSupport support = CacheFilesSupport.Probe(arguments.Find("--cache"), arguments.Find("--device") ?? DeviceHandle.DefaultPath);
    if (arguments.Has("--json"))
        Print(support);
    else
        Tell(support);
    return support.Verdict == SupportVerdict.Yes ? 0 : 1;
}
catch (UsageException e)
{
    Console.Error.WriteLine($"Probe: {e.Message}");
    return 2;
}

static void Tell(CacheFilesSupport support)
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

static void Print(CacheFilesSupport support)
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
