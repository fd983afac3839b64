using System.Collections.Concurrent;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>Serves a directory, remembers what it was asked for, and lets a test come in between.</summary>
internal sealed class TestFetcher(string directory) : IRangeFetcher, IDisposable
{
    private readonly FileRangeFetcher _files = new(directory);

    /// <summary>The objects that were opened, in order.</summary>
    internal ConcurrentQueue<ObjectKey> Opens { get; } = new();

    /// <summary>The ranges that were asked for, in order.</summary>
    internal ConcurrentQueue<(string Name, ByteRange Range)> Fetches { get; } = new();

    /// <summary>Called before each OPEN is answered.</summary>
    internal Func<ObjectKey, CancellationToken, Task>? BeforeOpen { get; set; }

    /// <summary>Called before each range is delivered.</summary>
    internal Func<ObjectKey, ByteRange, CancellationToken, Task>? BeforeFetch { get; set; }

    internal long BytesOf(string name) => Fetches.Where(f => f.Name == name).Sum(f => f.Range.Length);

    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Opens.Enqueue(key);
        if (BeforeOpen is { } before)
            await before(key, cancellationToken);
        return await _files.GetLengthAsync(key, cancellationToken);
    }

    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        Fetches.Enqueue((key.CookieText, range));
        if (BeforeFetch is { } before)
            await before(key, range, cancellationToken);
        await _files.FetchAsync(key, range, writer, cancellationToken);
    }

    public void ObjectClosed(ObjectKey key) => _files.ObjectClosed(key);

    public void Dispose() => _files.Dispose();

    /// <summary>Each byte of a blob was asked for once at most, and none behind its end.</summary>
    internal void AssertNothingTwice(string name)
    {
        var length = new FileInfo(Path.Combine(directory, name)).Length;
        ByteRange before = default;
        foreach (ByteRange range in Fetches.Where(f => f.Name == name).Select(f => f.Range).OrderBy(r => r.Offset))
        {
            Assert.True(range.Offset >= before.End, $"{name}: {before} and {range} overlap");
            before = range;
        }
        Assert.True(before.End <= length, $"{name}: {before} ends behind {length}");
    }
}
