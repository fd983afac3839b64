using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Documents;

public class SettingsTests
{
    [Fact]
    public void Every_key_of_the_configuration_is_in_the_table_as_the_program_has_it()
    {
        string[] rows = [.. Settings.All.Select(s
            => $"| `[{s.Section}]` | `{s.Name}` | {s.Form} | {(s.Required ? "required" : s.Default.Length > 0 ? s.Default : Setting.None)} | {s.Help} |")];
        var table = string.Join('\n', rows);
        Assert.True(Text.Document("docs/daemon.md").Contains($"\n{table}\n", StringComparison.Ordinal), $"the table of docs/daemon.md is not:\n{table}");
    }
}
