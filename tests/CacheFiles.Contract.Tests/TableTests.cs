using System.Reflection;
using System.Text.RegularExpressions;

namespace CacheFiles.Contract.Tests;

/// <summary>docs/contract.md says which test stands for which and which shows what, and this keeps it true.</summary>
public sealed partial class TableTests
{
    private const int Columns = 7, Kernels = 4;
    private const string Theirs = "theirs", Uapi = "act";
    private static readonly string[] s_results = ["ok", "–"];

    public static TheoryData<string, string> Named => [.. Rows(Theirs, Uapi).SelectMany(r => TestsOf(r).Select(test => (r[0], test))).Distinct()];

    [Theory]
    [MemberData(nameof(Named))]
    public void A_test_that_a_table_names_exists(string what, string test)
    {
        var name = test.Split('.');
        Assert.True(
            Sources.Any(source => source.Path.EndsWith($"/{name[0]}", StringComparison.Ordinal) && source.Content.Contains($" {name[1]}(", StringComparison.Ordinal)),
            $"{what}: there is no {test}");
    }

    [Fact]
    public void Every_row_has_a_result_for_each_kernel_and_a_test_or_none_of_both()
        => Assert.All(Rows(Theirs, Uapi), row =>
        {
            Assert.Equal(Columns, row.Length);
            var results = row.Skip(Columns - Kernels);
            Assert.All(results, result => Assert.Contains(result, s_results));
            Assert.Equal(TestsOf(row).Any(), results.Contains("ok"));
        });

    [Fact]
    public void Every_test_that_stands_for_another_one_is_in_the_table()
    {
        var listed = Rows(Theirs).SelectMany(r => TestsOf(r).SelectMany(test => r[0].Split(", ").Select(theirs => (theirs, test)))).ToHashSet();
        var declared = typeof(TableTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .SelectMany(m => (m.GetCustomAttribute<MirrorsAttribute>()?.Tests ?? []).Select(theirs => (theirs, $"{m.DeclaringType!.Name}.{m.Name}")))
            .ToHashSet();
        Assert.Empty(declared.Except(listed));
        // The other way round only for the tests that are here.
        var here = declared.Select(d => d.Item2.Split('.')[0]).ToHashSet();
        Assert.Empty(listed.Where(l => here.Contains(l.test.Split('.')[0])).Except(declared));
    }

    [Theory]
    [InlineData("lostjeffle", 18)]
    [InlineData("erofs-utils", 14)]
    public void Every_numbered_test_of_theirs_is_in_the_table(string whose, int last)
    {
        var listed = Rows(Theirs).SelectMany(r => r[0].Split(", ")).ToHashSet();
        var digits = whose == "lostjeffle" ? "D2" : "D3";
        Assert.All(Enumerable.Range(1, last), number => Assert.Contains($"{whose} {number.ToString(digits, null)}", listed));
    }

    /// <summary>The rows of the tables whose first column has one of the headings.</summary>
    private static IEnumerable<string[]> Rows(params string[] headings)
        => headings.SelectMany(heading => Text("contract.md").Split('\n')
            .SkipWhile(line => !line.StartsWith($"| {heading} |", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries)));

    private static IEnumerable<(string Path, string Content)> Sources
        => typeof(TableTests).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("source/", StringComparison.Ordinal)).Select(n => (n, Text(n)));

    private static IEnumerable<string> TestsOf(string[] row) => TestName().Matches(row[2]).Select(m => m.Groups[1].Value);

    private static string Text(string resource)
    {
        using var reader = new StreamReader(typeof(TableTests).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("`([A-Za-z0-9]+\\.[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
