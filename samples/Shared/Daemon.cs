using System.Runtime.InteropServices;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>A sample that serves a source of bytes.</summary>
internal static class Daemon
{
    // The framework has no name for it, and takes the number.
    private const PosixSignal SIGUSR1 = (PosixSignal)10;

    internal static Option Verbose { get; } = new("--verbose", null, "print each open, fetch and close on standard error, and the counts at the end");

    /// <summary>Runs the daemon. It prints its counts on SIGUSR1 and, with <c>--verbose</c>, at the end.</summary>
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
            Console.Error.WriteLine(counts);
        });
        return await sample.RunAsync(args, arguments =>
        {
            Action<string>? log = arguments.Has(Verbose.Name) ? Console.Error.WriteLine : null;
            IRangeFetcher source = open(arguments);
            return async (cache, stop) =>
            {
                try
                {
                    await cache.ServeAsync(new TellingFetcher(source, sample.Complain, log), stop).ConfigureAwait(false);
                }
                finally
                {
                    (source as IDisposable)?.Dispose();
                    log?.Invoke(counts.ToString());
                }
            };
        }).ConfigureAwait(false);
    }
}
