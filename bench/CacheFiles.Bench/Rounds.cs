using System.Diagnostics;
using CacheFiles.Bench.Machine;
using CacheFiles.Bench.Results;
using CacheFiles.Bench.Runs;

namespace CacheFiles.Bench;

/// <summary>Goes round the daemons until the rounds or the time are over.</summary>
internal sealed class Rounds(Sizes sizes, int rounds, TimeSpan budget)
{
    // What fails so often does not become well by trying.
    private const int MaxFailures = 3;

    private readonly Samples _samples = new();
    private readonly Profile _profile = new();
    private readonly Dictionary<string, int> _failures = [];
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Measures rows.</summary>
    internal async Task<IReadOnlyList<Row>> RunAsync(IReadOnlyList<Measure> measures)
    {
        var groups = measures.Select(measure => measure.Group).ToHashSet();
        if (groups.Any(group => group != Group.Simulated))
            await Images.MakeAsync(sizes);
        await using Origin? origin = groups.Contains(Group.Away) ? await Origin.StartAsync() : null;
        List<IRun> runs = [new SimulatedRun(sizes, _samples), new LocalRun(sizes, _samples, _profile), new ObjectsRun(sizes, _samples)];
        if (origin is not null)
        {
            var away = new AwayRun(sizes, _samples, _profile, origin);
            await TryAsync("recording the trace", away.RecordAsync);
            runs.Add(away);
        }
        runs.RemoveAll(run => !groups.Contains(run.Group));
        for (var round = 0; round < rounds && runs.Count > 0 && HasTimeFor(round); round++)
            await RunRoundAsync(runs, round);
        return [.. measures.Select(measure => measure.Evaluate(_samples))];
    }

    internal void PrintProfile() => _profile.Print();

    private async Task RunRoundAsync(List<IRun> runs, int round)
    {
        foreach (IRun run in runs.Where(run => round == 0 || !run.IsOnce))
        {
            var parts = run.Parts;
            // Another one is first in each round, so that what drifts with time is everybody's.
            for (var i = 0; i < parts.Count; i++)
            {
                var (name, part) = parts[(i + round) % parts.Count];
                await TryAsync($"{run.Group}: {name}", part);
            }
        }
        Console.Error.WriteLine($"round {round + 1} of {rounds} after {Stopwatch.GetElapsedTime(_start).TotalSeconds:F0} s");
    }

    /// <summary>A round takes about as long as those before.</summary>
    private bool HasTimeFor(int round)
    {
        TimeSpan passed = Stopwatch.GetElapsedTime(_start);
        if (round == 0 || passed + (passed / round) < budget)
            return true;
        Console.Error.WriteLine($"the time is over after {round} rounds");
        return false;
    }

    private async Task TryAsync(string name, Func<Task> part)
    {
        // What hangs is ended after a minute or two; where much does, the table is still printed before the guest's time is over.
        if (_failures.GetValueOrDefault(name) == MaxFailures || Stopwatch.GetElapsedTime(_start) > 1.25 * budget)
            return;
        var start = Stopwatch.GetTimestamp();
        try
        {
            await part();
            Console.Error.WriteLine($"  {name}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        }
        catch (Exception e)
        {
            _failures[name] = _failures.GetValueOrDefault(name) + 1;
            Console.Error.WriteLine($"  {name}: FAILED: {(e is BenchException ? e.Message : e)}");
        }
    }
}
