using System.Collections.Concurrent;
using System.Diagnostics;
using CacheFiles.Fuzz.Messages;
using CacheFiles.Fuzz.Sessions;

namespace CacheFiles.Fuzz;

/// <summary>Fuzzes until so many messages were made, or until something is wrong.</summary>
internal sealed class FuzzRun(int seed, long messages, Step? only = null)
{
    private const int Workers = 8;
    private readonly ConcurrentQueue<string> _failures = new();
    private long _decoded;
    private long _delivered;
    private int _sessions;
    private int _nextBatch = -1;
    private int _nextSession = -1;

    /// <summary>Runs, and prints what came of it.</summary>
    /// <returns>Whether every invariant held.</returns>
    internal async Task<bool> RunAsync()
    {
        // A source may block its thread.
        ThreadPool.SetMinThreads(32, 8);
        TaskScheduler.UnobservedTaskException += (_, e) => _failures.Enqueue($"FAILED seed {seed}: an exception that nobody looks at: {OneLine(e.Exception)}");
        var start = Stopwatch.GetTimestamp();
        if (only is { } step)
            await TryAsync(step);
        else
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        foreach (var failure in _failures)
            Console.WriteLine(failure);
        Console.WriteLine($"{_decoded} messages decoded, {_delivered} delivered in {_sessions} sessions, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        Console.WriteLine(_failures.IsEmpty ? "2 passed, 0 failed" : "1 passed, 1 failed");
        return _failures.IsEmpty;
    }

    private async Task WorkAsync()
    {
        // A message costs a session a hundred times what it costs the decoder.
        var toDeliver = (messages + 3) / 4;
        var toDecode = messages - toDeliver;
        while (_failures.IsEmpty && Interlocked.Read(ref _delivered) < toDeliver)
        {
            await TryAsync(new Step(IsSession: true, Interlocked.Increment(ref _nextSession)));
            // Decoding keeps pace, so that a short run has both.
            while (_failures.IsEmpty && Interlocked.Read(ref _decoded) < Math.Min(toDecode, 3 * Interlocked.Read(ref _delivered)))
                await TryAsync(new Step(IsSession: false, Interlocked.Increment(ref _nextBatch)));
        }
        while (_failures.IsEmpty && Interlocked.Read(ref _decoded) < toDecode)
            await TryAsync(new Step(IsSession: false, Interlocked.Increment(ref _nextBatch)));
    }

    private async Task TryAsync(Step step)
    {
        try
        {
            if (step.IsSession)
            {
                Interlocked.Increment(ref _sessions);
                await new Session(new Plan(step.SeedFrom(seed), Sabotage.None), () => Interlocked.Increment(ref _delivered)).RunAsync();
            }
            else
            {
                Interlocked.Add(ref _decoded, DecoderFuzz.BatchSize);
                DecoderFuzz.RunBatch(step.SeedFrom(seed), DecoderFuzz.BatchSize);
            }
        }
        catch (Exception e)
        {
            _failures.Enqueue($"FAILED seed {seed} step {step}: {OneLine(e)}");
        }
    }

    private static string OneLine(Exception e) => (e is FuzzFailure ? e.Message : e.ToString()).ReplaceLineEndings(" ");
}
