using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>
/// The program that reads a mounted image in a process of its own: <c>read HOW SEED DIRECTORY SUMS</c>. It compares every file with its
/// sum, prints what differs, and succeeds when nothing does.
/// </summary>
internal static class Reader
{
    private const int PageSize = 4096;
    private const int ParallelReaders = 8;
    private const int LockstepReaders = 16;

    private static int s_bad;

    internal static int Run(string[] arguments)
    {
        (string Sum, string Path)[] files = [.. File.ReadLines(arguments[3]).Select(l => (l[..64], Path.Combine(arguments[2], l[66..])))];
        var seed = int.Parse(arguments[1], null);
        switch (arguments[0])
        {
            case "shuffled":
                CheckAll(files, seed, Shuffled);
                break;
            case "parallel":
                Together(ParallelReaders, number => CheckAll(files, seed + number, Shuffled));
                break;
            case "mapped":
                CheckAll(files, seed, Mapped);
                break;
            case "lockstep":
                CheckAll(files, seed, Lockstep);
                break;
            default:
                throw new ArgumentException($"no such way to read: {arguments[0]}");
        }
        return s_bad == 0 ? 0 : 1;
    }

    private static void CheckAll((string Sum, string Path)[] files, int seed, Func<string, Random, byte[]> read)
    {
        var random = new Random(seed);
        (string Sum, string Path)[] order = [.. files];
        random.Shuffle(order);
        foreach ((var sum, var path) in order)
        {
            try
            {
                if (Convert.ToHexStringLower(SHA256.HashData(read(path, random))) != sum)
                    Complain($"{path} has other bytes than its source");
            }
            catch (IOException e)
            {
                Complain($"{path}: {e.Message}");
            }
        }
    }

    private static void Complain(string what)
    {
        Interlocked.Increment(ref s_bad);
        Console.WriteLine(what);
    }

    /// <summary>Pieces of up to 64 KiB that begin anywhere, in any order.</summary>
    private static byte[] Shuffled(string path, Random random)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        var content = new byte[RandomAccess.GetLength(file)];
        var cuts = new List<int> { 0 };
        while (cuts[^1] < content.Length)
            cuts.Add(Math.Min(content.Length, cuts[^1] + random.Next(1, 64 << 10)));
        int[] pieces = [.. Enumerable.Range(0, cuts.Count - 1)];
        random.Shuffle(pieces);
        foreach (var piece in pieces)
            Fill(file, content.AsSpan(cuts[piece]..cuts[piece + 1]), cuts[piece]);
        return content;
    }

    /// <summary>Page faults, in any order.</summary>
    private static byte[] Mapped(string path, Random random)
    {
        var content = new byte[new FileInfo(path).Length];
        if (content.Length == 0)
            return content;
        using var mapping = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using MemoryMappedViewAccessor view = mapping.CreateViewAccessor(0, content.Length, MemoryMappedFileAccess.Read);
        int[] pages = Pages(content, random);
        foreach (var page in pages)
            view.ReadArray(page * PageSize, content, page * PageSize, Math.Min(PageSize, content.Length - page * PageSize));
        return content;
    }

    /// <summary>Many readers that each read a page, wait for all the others, and go on: a request that nobody notices stops them all.</summary>
    private static byte[] Lockstep(string path, Random random)
    {
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        var content = new byte[RandomAccess.GetLength(file)];
        int[] pages = Pages(content, random);
        using var barrier = new Barrier(LockstepReaders);
        Together(LockstepReaders, number =>
        {
            for (var i = number; i - number < pages.Length; i += LockstepReaders)
            {
                if (i < pages.Length)
                    Fill(file, content.AsSpan(pages[i] * PageSize, Math.Min(PageSize, content.Length - pages[i] * PageSize)), pages[i] * PageSize);
                barrier.SignalAndWait();
            }
        });
        return content;
    }

    private static int[] Pages(byte[] content, Random random)
    {
        int[] pages = [.. Enumerable.Range(0, (content.Length + PageSize - 1) / PageSize)];
        random.Shuffle(pages);
        return pages;
    }

    private static void Fill(SafeFileHandle file, Span<byte> span, long offset)
    {
        while (!span.IsEmpty)
        {
            var count = RandomAccess.Read(file, span, offset);
            if (count == 0)
                throw new EndOfStreamException($"ends at {offset}");
            span = span[count..];
            offset += count;
        }
    }

    /// <summary>Runs work on several threads of its own; what one of them throws ends the process.</summary>
    private static void Together(int count, Action<int> work)
    {
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() => work(number)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }
}
