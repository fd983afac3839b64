using System.Globalization;
using System.Runtime.InteropServices;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>A sample that serves a source of bytes.</summary>
internal static class Daemon
{
    // The framework has no name for it, and takes the number.
    private const PosixSignal SIGUSR1 = (PosixSignal)10;

    /// <summary>What every daemon knows.</summary>
    internal static Option[] Options { get; } =
    [
        new("--verbose", null, "print each open, fetch and close on standard error, and the counts at the end"),
        new("--around", "BYTES", "fetch the aligned blocks of this size around what readers wait for (default 0: nothing but that)"),
        new("--record", "FILE", "write down which ranges are touched; the file is there when the daemon has stopped"),
        new("--replay", "FILE", "fetch what such a file says as soon as an object is opened"),
    ];

    /// <summary>Runs the daemon. It prints its counts on SIGUSR1, with the managed bytes that it has allocated and that it holds, and at the end
    /// with <c>--verbose</c>.</summary>
    /// <param name="sample">The program.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="open">Makes the source of the bytes.</param>
    internal static async Task<int> RunAsync(this Sample sample, string[] args, Func<Arguments, IRangeFetcher> open)
    {
        using var counts = new Counts();
        // Before anything else: who reads "ready" may send it at once.
        using var tell = PosixSignalRegistration.Create(SIGUSR1, signal =>
        {
            signal.Cancel = true;
            Console.Error.WriteLine($"{counts} open={counts.Open} allocated={GC.GetTotalAllocatedBytes(precise: true)} live={GC.GetTotalMemory(forceFullCollection: true)}");
        });
        return await sample.RunAsync(args, arguments =>
        {
            Action<string>? log = arguments.Has("--verbose") ? Console.Error.WriteLine : null;
            var around = arguments.Find("--around") is { } bytes ? ParseBytes(bytes) : 0;
            AccessTraceRecorder? recorder = arguments.Has("--record") ? new() : null;
            AccessTrace? replay = arguments.Find("--replay") is { } file ? LoadTrace(file) : null;
            IRangeFetcher source = open(arguments);
            return new Service(async (cache, stop) =>
            {
                try
                {
                    await cache.ServeAsync(new TellingFetcher(source, sample.Complain, log), stop).ConfigureAwait(false);
                }
                finally
                {
                    (source as IDisposable)?.Dispose();
                    recorder?.ToTrace().Save(arguments["--record"]);
                    log?.Invoke(counts.ToString());
                }
            })
            {
                Configure = options => options with { Recorder = recorder, Replay = replay, FetchAroundBytes = around },
            };
        }).ConfigureAwait(false);
    }

    private static long ParseBytes(string text)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes % Environment.SystemPageSize == 0
            ? bytes
            : throw new UsageException($"--around is a number of bytes, a multiple of {Environment.SystemPageSize}, not '{text}'");

    private static AccessTrace LoadTrace(string file)
    {
        try
        {
            return AccessTrace.Load(file);
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
