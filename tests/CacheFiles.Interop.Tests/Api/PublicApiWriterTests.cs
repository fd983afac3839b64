using CacheFiles.Interop.Tests.Api.Samples;
using CacheFiles.Tests.Shared;

namespace CacheFiles.Interop.Tests.Api;

public sealed class PublicApiWriterTests
{
    private const string Here = "CacheFiles.Interop.Tests.Api.Samples";

    [Fact]
    public void A_type_is_written_with_its_bases_its_constraints_and_its_visible_members_sorted()
        => Assert.Equal(
            $$"""
            {{Here}}.Sample<T> : abstract class : {{Here}}.Parent, {{Here}}.IFace where T : System.Attribute
                protected Sample(System.Nullable<int> size = default)
                protected abstract T Make<TKey>(ref TKey key, in int[] sizes, out long done, params string[] names) where TKey : System.IComparable<TKey>
                protected static readonly nint Shared
                public System.Collections.Generic.List<T[,]> Lists { get; }
                public const string Word = "word"
                public event System.Action Changed
                public int Limit { get; protected set; }
                public sealed override int Size { get; }
                public string Item[int index] { get; }
                public string Name { get; init; }
                public void Serve()

            """,
            PublicApi.Describe([typeof(Sample<>)]));

    [Fact]
    public void Types_are_sorted()
        => Assert.Equal(
            $$"""
            {{Here}}.IFace : interface
                public void Serve()
            {{Here}}.Mode : enum : byte
                Off = 1
                On = 2
            {{Here}}.Parent : class
                public Parent()
                public virtual int Size { get; }
                public virtual void Run({{Here}}.Mode mode = 2, bool now = True)

            """,
            PublicApi.Describe([typeof(Parent), typeof(Mode), typeof(IFace)]));

    [Fact]
    public void An_extension_method_is_told_from_an_ordinary_one()
        => Assert.Contains("public static int Twice(this int number)\n", PublicApi.Describe([typeof(Extensions)]), StringComparison.Ordinal);

    [Fact]
    public void A_difference_tells_what_went_and_what_came_and_where()
        => Assert.Equal(
            "- A: int Old()\n+ A: int New()\n+ B : class",
            PublicApi.Difference("A : class\n    int Old()\n    int Same()\n", "A : class\n    int New()\n    int Same()\nB : class\n"));

    [Fact]
    public void A_member_that_moves_to_another_type_is_a_difference()
        => Assert.NotEqual("", PublicApi.Difference("A : class\n    int M()\nB : class\n", "A : class\nB : class\n    int M()\n"));

    [Fact]
    public void The_same_text_has_no_difference() => Assert.Equal("", PublicApi.Difference("A : class\r\n    int M()\r\n", "A : class\n    int M()\n"));
}
