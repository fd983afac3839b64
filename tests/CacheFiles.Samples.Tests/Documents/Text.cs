using System.Reflection;

namespace CacheFiles.Samples.Tests.Documents;

/// <summary>The documents and the sources that this assembly carries.</summary>
internal static class Text
{
    /// <summary>Every document by its path in the tree.</summary>
    internal static IEnumerable<(string Path, string Content)> Documents => Of("document/");

    /// <summary>Every source file that documents may quote.</summary>
    internal static IEnumerable<(string Path, string Content)> Sources => Of("source/");

    internal static string Document(string path) => Documents.Single(document => document.Path == path).Content;

    internal static string Source(string path) => Sources.Single(source => source.Path == path).Content;

    /// <summary>A source file with an example in its documentation.</summary>
    internal static string Reference(string name) => Of("reference/").Single(source => source.Path == name).Content;

    /// <summary>The C# blocks of a document.</summary>
    internal static IEnumerable<string> CSharpBlocks(string document)
        => document.Split("```csharp\n").Skip(1).Select(static rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]);

    private static IEnumerable<(string Path, string Content)> Of(string kind)
    {
        Assembly assembly = typeof(Text).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(kind, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name[kind.Length..], reader.ReadToEnd());
        }
    }
}
