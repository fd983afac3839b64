namespace CacheFiles.Fuzz.Sessions;

/// <summary>The blobs that all sessions serve, and their bytes.</summary>
/// <remarks>No name is a part of another or like it: however a message is changed, it never names another blob by accident.</remarks>
internal static class Blobs
{
    internal const int PageSize = 4096;

    private static readonly Dictionary<string, byte[]> s_blobs = new[] { 1, 511, 4096, 4097, 70_000, 300_000, 4096 * 100, 1_000_001, 2_500_000, 3_000_123, 4_096_000, 5_000_511 }
        .ToDictionary(NameOf, Make);

    internal static IReadOnlyList<string> Devices { get; } = [.. s_blobs.Keys];

    internal static IReadOnlyList<string> Images { get; } = [.. Enumerable.Range(20_000, 8).Select(Add)];

    /// <summary>The blob, or null.</summary>
    internal static byte[]? Find(string name) => s_blobs.GetValueOrDefault(name);

    internal static int LengthOf(string name) => s_blobs[name].Length;

    internal static int PagesOf(string name) => (LengthOf(name) + PageSize - 1) / PageSize;

    /// <summary>Compares bytes with those of a blob; behind its end are zeros.</summary>
    internal static bool Has(string name, long offset, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> blob = s_blobs[name];
        ReadOnlySpan<byte> rest = offset < blob.Length ? blob[(int)offset..] : default;
        rest = rest[..Math.Min(rest.Length, bytes.Length)];
        return bytes[..rest.Length].SequenceEqual(rest) && bytes[rest.Length..].IndexOfAnyExcept((byte)0) < 0;
    }

    private static string Add(int length)
    {
        var name = NameOf(length);
        s_blobs.Add(name, Make(length));
        return name;
    }

    private static string NameOf(int length) => $"{new Random(length).NextInt64():x16}";

    private static byte[] Make(int length)
    {
        var bytes = new byte[length];
        new Random(~length).NextBytes(bytes);
        return bytes;
    }
}
