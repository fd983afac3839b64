using System.Globalization;
using System.Text.Json;

namespace CacheFiles.Samples.Tests;

/// <summary>The probe on this machine, whatever it has and whoever runs it.</summary>
public class ProbeTests
{
    private const int SysAdmin = 21;

    private static readonly string[] s_names =
    [
        "kernel", "module-cachefiles", "ondemand", "restore", "module-erofs", "erofs-fsid", "erofs-domain", "compressed-images",
        "device", "capability", "device-free", "open-files", "cache-directory",
    ];

    [Fact]
    public async Task It_tells_of_each_thing_in_a_line_and_the_same_in_JSON()
    {
        SampleProcess.Result text = await SampleProcess.RunAsync("Probe", "--cache", "/");
        SampleProcess.Result json = await SampleProcess.RunAsync("Probe", "--cache", "/", "--json");
        using var document = JsonDocument.Parse(json.Output);
        foreach (var name in s_names)
        {
            JsonElement check = Find(document, name);
            var verdict = check.GetProperty("verdict").GetString();
            Assert.True(verdict is "yes" or "no" or "unknown", verdict);
            Assert.NotEqual("", check.GetProperty("reason").GetString());
            Assert.Single(text.Output.Split('\n'), l => l.StartsWith($"{verdict,-8}{name,-20}", StringComparison.Ordinal));
        }
        Assert.Equal(document.RootElement.GetProperty("verdict").GetString() == "yes" ? 0 : 1, json.Status);
        Assert.Equal((json.Status, "", ""), (text.Status, text.Error, json.Error));
    }

    [Fact]
    public async Task It_says_what_the_process_lacks_and_what_to_do()
    {
        SampleProcess.Result json = await SampleProcess.RunAsync("Probe", "--json", "--device", "/nonexistent/device");
        using var document = JsonDocument.Parse(json.Output);
        JsonElement device = Find(document, "device");
        Assert.Equal(("no", true), (device.GetProperty("verdict").GetString(), device.GetProperty("remedy").GetString()!.Length > 0));
        var line = (await File.ReadAllLinesAsync("/proc/self/status", TestContext.Current.CancellationToken)).Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        var mayOpen = (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> SysAdmin & 1) != 0;
        Assert.Equal(mayOpen ? "yes" : "no", Find(document, "capability").GetProperty("verdict").GetString());
        Assert.Equal(1, json.Status);
    }

    private static JsonElement Find(JsonDocument document, string name)
        => document.RootElement.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
}
