using System.Text.Json;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>What the sample <c>Probe</c> has printed as JSON.</summary>
internal sealed record ProbeReport(int Status, string Verdict, IReadOnlyList<SupportCheck> Checks)
{
    /// <summary>Each check and its verdict, in order.</summary>
    internal static string Verdicts(CacheFilesSupport support) => Verdicts(support.Checks);

    internal string Verdicts() => Verdicts(Checks);

    internal SupportCheck this[string name] => Checks.Single(c => c.Name == name);

    /// <summary>Runs the sample.</summary>
    /// <param name="before">A program that starts it as somebody else, with its arguments.</param>
    internal static async Task<ProbeReport> OfAsync(params string[] before)
    {
        string[] command = [.. before, "/opt/samples/Probe/Probe", "--cache", "/cache", "--json"];
        using Child child = Child.Start(command[0], command[1..]);
        ChildResult result = await child.EndAsync();
        Assert.Equal("", result.Error);
        using var document = JsonDocument.Parse(result.Output);
        var checks = document.RootElement.GetProperty("checks").EnumerateArray().Select(static c => new SupportCheck(
            c.GetProperty("name").GetString()!,
            Enum.Parse<SupportVerdict>(c.GetProperty("verdict").GetString()!, ignoreCase: true),
            c.GetProperty("reason").GetString()!,
            c.GetProperty("remedy").GetString(),
            c.GetProperty("required").GetBoolean()));
        return new ProbeReport(result.ExitCode, document.RootElement.GetProperty("verdict").GetString()!, [.. checks]);
    }

    private static string Verdicts(IEnumerable<SupportCheck> checks) => string.Join(' ', checks.Select(c => $"{c.Name}={c.Verdict}"));
}
