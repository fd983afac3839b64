using System.Text;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>What a line of daemons has printed, one after the other, into one file.</summary>
internal sealed class DaemonLog(string path)
{
    private readonly List<string> _lines = [];
    private readonly StringBuilder _unfinished = new();
    private long _position;

    internal static TimeSpan Patience { get; } = Bounded.Limit * 4;

    internal string Path => path;

    /// <summary>The whole lines so far.</summary>
    internal string[] Lines
    {
        get
        {
            lock (_lines)
            {
                ReadOn();
                return [.. _lines];
            }
        }
    }

    /// <summary>The processes that began.</summary>
    internal int[] Begun => [.. Of("begun").Select(l => int.Parse(l[1], null))];

    /// <summary>The processes that came to serve.</summary>
    internal int[] Ready => [.. Of("ready").Select(l => int.Parse(l[1], null))];

    /// <summary>Whether the process that began last has come to serve.</summary>
    internal bool IsReady => Begun is [.., var last] && Ready is [.., var ready] && last == ready;

    internal int Fetches => Of("fetched").Count();

    internal string[] Faults => [.. Lines.Where(l => l.StartsWith("fault ", StringComparison.Ordinal))];

    internal ByteRange[] FetchedOf(string name)
        => [.. Of("fetched").Where(l => l[1] == name).Select(l => new ByteRange(long.Parse(l[2], null), long.Parse(l[3], null)))];

    internal Task HasAsync(string start)
        => Until($"'{start}'", () => Lines.Any(l => l.StartsWith(start, StringComparison.Ordinal)));

    internal Task FetchesAsync(int count) => Until($"{count} fetches", () => Fetches >= count);

    internal Task ReadyAsync(int count) => Until($"{count} daemons that serve", () => Ready.Length >= count);

    internal Task IsReadyAsync() => Until("a daemon that serves", () => IsReady);

    /// <summary>No byte came from the source after it was in the cache.</summary>
    internal void AssertNothingTwice(string name)
    {
        ByteRange before = default;
        foreach (ByteRange range in FetchedOf(name).OrderBy(r => r.Offset))
        {
            Assert.True(range.Offset >= before.End, $"{name}: {before} and {range} overlap");
            before = range;
        }
    }

    private void ReadOn()
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _position;
        var bytes = new byte[file.Length - _position];
        file.ReadExactly(bytes);
        _position += bytes.Length;
        _unfinished.Append(Encoding.UTF8.GetString(bytes));
        var text = _unfinished.ToString();
        var end = text.LastIndexOf('\n') + 1;
        _lines.AddRange(text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries));
        _unfinished.Clear().Append(text, end, text.Length - end);
    }

    private IEnumerable<string[]> Of(string word) => Lines.Select(l => l.Split(' ')).Where(l => l[0] == word);

    /// <summary>Looks again and again. A process may have to start meanwhile.</summary>
    internal async Task Until(string what, Func<bool> condition)
    {
        try
        {
            await Bounded.Until(what, condition, Patience);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            Assert.Fail($"{e.Message}; the end of what was printed:\n{string.Join('\n', Lines.TakeLast(20))}");
        }
    }
}
