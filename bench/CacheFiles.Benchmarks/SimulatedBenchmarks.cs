using BenchmarkDotNet.Attributes;
using CacheFiles.Bench.Simulated;

namespace CacheFiles.Benchmarks;

/// <summary>READs of one page each, 64 at once, on the simulated kernel; an operation is a READ.</summary>
public class SimulatedBenchmarks
{
    private const int Batches = 256;
    private Load _bareLoop = null!;
    private Load _pump = null!;
    private Load _library = null!;

    /// <summary>Starts all of them, each on a kernel of its own: who is not measured waits.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        _bareLoop = await Bench.Simulated.BareLoop.StartAsync();
        _pump = await PumpAlone.StartAsync();
        _library = await Library.StartAsync();
    }

    /// <summary>Stops them.</summary>
    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _bareLoop.DisposeAsync();
        await _pump.DisposeAsync();
        await _library.DisposeAsync();
    }

    /// <summary>The least that can answer.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Batches * Load.BatchSize)]
    public TimeSpan BareLoop() => _bareLoop.Run(Batches);

    /// <summary>The pump, with nothing but an answer behind it.</summary>
    [Benchmark(OperationsPerInvoke = Batches * Load.BatchSize)]
    public TimeSpan Pump() => _pump.Run(Batches);

    /// <summary>The whole library.</summary>
    [Benchmark(OperationsPerInvoke = Batches * Load.BatchSize)]
    public TimeSpan PumpAndEngine() => _library.Run(Batches);
}
