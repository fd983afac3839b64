using CacheFiles.Bench.Results;
using CacheFiles.Bench.Simulated;

namespace CacheFiles.Bench.Runs;

/// <summary>No kernel: what the library itself costs.</summary>
internal sealed class SimulatedRun(Sizes sizes, Samples samples) : IRun
{
    private readonly int _batches = sizes.Simulated / Load.BatchSize;

    public Group Group => Group.Simulated;

    public bool IsOnce => false;

    public IReadOnlyList<(string Name, Func<Task> RunAsync)> Parts => [("bare loop", () => RunAsync(BareLoop.StartAsync, "bare loop")), ("ours", () => RunAsync(Library.StartAsync, "ours"))];

    private async Task RunAsync(Func<Task<Load>> start, string variant)
    {
        await using Load load = await start();
        load.Run(_batches / 2);
        samples.Add("simulated", variant, load.Run(_batches).TotalMicroseconds / (_batches * (double)Load.BatchSize));
    }
}
