using System.Text;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>What a line of daemons has printed, one after the other, into one file.</summary>
/// <remarks>It is looked at again and again for something to come, while those who print need the processor: each line is taken apart once.</remarks>
internal sealed class DaemonLog(string path)
{
    private readonly List<string> _lines = [];
    private readonly List<int> _begun = [];
    private readonly List<int> _ready = [];
    private readonly List<int> _stopping = [];
    private readonly List<(string Name, ByteRange Range)> _fetched = [];
    private readonly StringBuilder _unfinished = new();
    private long _position;

    internal static TimeSpan Patience { get; } = Bounded.Limit * 4;

    internal string Path => path;

    /// <summary>The whole lines so far.</summary>
    internal string[] Lines => Look(() => _lines.ToArray());

    /// <summary>The processes that began.</summary>
    internal int[] Begun => Look(() => _begun.ToArray());

    /// <summary>The processes that came to serve.</summary>
    internal int[] Ready => Look(() => _ready.ToArray());

    /// <summary>The processes that the supervisor asked to make way.</summary>
    internal int[] Stopping => Look(() => _stopping.ToArray());

    /// <summary>Whether the process that began last has come to serve.</summary>
    internal bool IsReady => Look(() => _begun is [.., var last] && _ready is [.., var ready] && last == ready);

    internal int Fetches => Look(() => _fetched.Count);

    internal string[] Faults => [.. Lines.Where(l => l.StartsWith("fault ", StringComparison.Ordinal))];

    internal ByteRange[] FetchedOf(string name) => Look(() => _fetched.Where(f => f.Name == name).Select(f => f.Range).ToArray());

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

    private T Look<T>(Func<T> look)
    {
        lock (_lines)
        {
            ReadOn();
            return look();
        }
    }

    private void ReadOn()
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length - _position];
        if (bytes.Length == 0)
            return;
        file.Position = _position;
        file.ReadExactly(bytes);
        _position += bytes.Length;
        _unfinished.Append(Encoding.UTF8.GetString(bytes));
        var text = _unfinished.ToString();
        var end = text.LastIndexOf('\n') + 1;
        foreach (var line in text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Take(line);
        _unfinished.Clear().Append(text, end, text.Length - end);
    }

    private void Take(string line)
    {
        _lines.Add(line);
        switch (line.Split(' '))
        {
            case ["begun", var id]:
                _begun.Add(int.Parse(id, null));
                break;
            case ["ready", var id]:
                _ready.Add(int.Parse(id, null));
                break;
            case ["stopping", var id]:
                _stopping.Add(int.Parse(id, null));
                break;
            case ["fetched", var name, var offset, var length]:
                _fetched.Add((name, new ByteRange(long.Parse(offset, null), long.Parse(length, null))));
                break;
        }
    }
}
