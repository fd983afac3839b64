using System.Globalization;
using System.Text;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>Which ranges a start-up touched, in order. Replayed at the next cold start it fetches them before they are asked for.</summary>
/// <remarks>
/// The file is UTF-8 text, one entry a line: <c>cachefiles-trace 1</c>, then <c>object &lt;volume key&gt; &lt;cookie key&gt;</c> for each object,
/// numbered from 0, and <c>read &lt;microseconds&gt; &lt;object&gt; &lt;offset&gt; &lt;length&gt;</c> in the order of time. In keys every byte that is
/// not a letter, a digit or one of <c>-._,:</c> is written as <c>%</c> and two hexadecimal digits; an empty key is <c>%</c>. Lines that
/// begin with <c>#</c> are comments.
/// </remarks>
public sealed class AccessTrace
{
    private const string Header = "cachefiles-trace 1";

    /// <summary>Makes a trace.</summary>
    /// <param name="entries">The ranges in the order of time.</param>
    public AccessTrace(IEnumerable<AccessTraceEntry> entries) => Entries = [.. entries];

    /// <summary>The ranges in the order of time.</summary>
    public IReadOnlyList<AccessTraceEntry> Entries { get; }

    /// <summary>Reads a trace from a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatException">The file is no trace, or of a newer version: the message names the line.</exception>
    public static AccessTrace Load(string path)
    {
        using StreamReader reader = File.OpenText(path);
        return Read(reader, path);
    }

    /// <summary>Writes the trace to a file, at once or not at all: an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        var temporary = path + ".new";
        using (StreamWriter writer = new(temporary, append: false, new UTF8Encoding(false)))
            Write(writer);
        File.Move(temporary, path, overwrite: true);
    }

    internal void Write(TextWriter writer)
    {
        writer.Write($"{Header}\n");
        var numbers = new Dictionary<ObjectKey, int>();
        foreach (ObjectKey key in Entries.Select(e => e.Key).Distinct())
        {
            numbers[key] = numbers.Count;
            writer.Write($"object {TraceKey.Encode(key.Volume)} {TraceKey.Encode(key.Cookie)}\n");
        }
        foreach (AccessTraceEntry entry in Entries)
        {
            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"read {entry.At.Ticks / TimeSpan.TicksPerMicrosecond} {numbers[entry.Key]} {entry.Range.Offset} {entry.Range.Length}\n"));
        }
    }

    internal static AccessTrace Read(TextReader reader, string name)
    {
        if (reader.ReadLine() is not { } first || first.TrimEnd() != Header)
            throw new FormatException($"{name}: the first line has to be '{Header}': this is no trace, or a newer version's.");
        var objects = new List<ObjectKey>();
        var entries = new List<AccessTraceEntry>();
        for (var number = 2; reader.ReadLine() is { } line; number++)
        {
            if (line.Length > 0 && line[0] != '#' && !TryReadLine(line.Split(' '), objects, entries))
                throw new FormatException($"{name}, line {number}: '{line}' is neither 'object <volume> <cookie>' nor 'read <microseconds> <object> <offset> <length>'.");
        }
        return new AccessTrace(entries);
    }

    private static bool TryReadLine(string[] words, List<ObjectKey> objects, List<AccessTraceEntry> entries)
    {
        switch (words)
        {
            case ["object", var volume, var cookie]:
                if (!TraceKey.TryDecode(volume, out var volumeKey) || !TraceKey.TryDecode(cookie, out var cookieKey))
                    return false;
                objects.Add(new ObjectKey(volumeKey, cookieKey));
                return true;
            case ["read", var time, var index, var offset, var length]:
                if (!TryParse(time, out var microseconds) || !TryParse(index, out var at) || at >= objects.Count
                    || !TryParse(offset, out var start) || !TryParse(length, out var bytes)
                    || start > long.MaxValue - bytes || microseconds > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond)
                    return false;
                entries.Add(new AccessTraceEntry(TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond), objects[(int)at], new ByteRange(start, bytes)));
                return true;
            default:
                return false;
        }
    }

    private static bool TryParse(string word, out long value) => long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
