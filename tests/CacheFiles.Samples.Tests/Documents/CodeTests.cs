namespace CacheFiles.Samples.Tests.Documents;

/// <summary>The documents show no code that was not compiled.</summary>
public class CodeTests
{
    private const int ReadmeLines = 15;
    private const int TestLines = 10;

    public static TheoryData<string> DocumentsWithCode
        => [.. Text.Documents.Where(document => Text.CSharpBlocks(document.Content).Any()).Select(document => document.Path)];

    [Fact]
    public void The_readme_begins_with_the_daemon_of_fifteen_lines()
    {
        var block = Text.CSharpBlocks(Text.Document("README.md")).First();
        Assert.Equal(Text.Source("samples/ReadmeDaemon/Program.cs"), block);
        Assert.Equal(ReadmeLines, block.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public void The_page_and_the_reference_of_the_package_for_tests_begin_with_a_test_of_ten_lines()
    {
        var block = Text.CSharpBlocks(Text.Document("src/CacheFiles.Ondemand.Testing/README.md")).First();
        Assert.Equal(TestLines, block.TrimEnd('\n').Split('\n').Length);
        Assert.StartsWith("[Fact]", block, StringComparison.Ordinal);
        var example = Text.Reference("SimulatedKernel.cs").Split("<![CDATA[\n")[1].Split("/// ]]>")[0].Replace("/// ", "", StringComparison.Ordinal);
        Assert.Equal(block.TrimEnd(), example.TrimEnd());
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/CacheFiles.Interop/README.md")]
    [InlineData("src/CacheFiles.Ondemand/README.md")]
    public void Every_first_page_shows_code(string document) => Assert.Contains(document, DocumentsWithCode.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(DocumentsWithCode))]
    public void Every_block_of_code_is_part_of_a_compiled_file(string document)
    {
        var sources = Text.Sources.Select(source => WithoutIndentation(source.Content)).ToList();
        Assert.All(
            Text.CSharpBlocks(Text.Document(document)),
            block => Assert.True(
                sources.Any(source => source.Contains(WithoutIndentation(block), StringComparison.Ordinal)),
                $"No file of samples/ or of this project's Snippets contains this block of {document}:\n{block}"));
    }

    private static string WithoutIndentation(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()));
}
