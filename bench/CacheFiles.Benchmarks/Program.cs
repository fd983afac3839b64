// The parts of the library without a kernel: dotnet run -c Release --project bench/CacheFiles.Benchmarks -- --filter '*' [--job short]
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;

IConfig config = DefaultConfig.Instance.AddColumn(StatisticColumn.OperationsPerSecond).AddDiagnoser(MemoryDiagnoser.Default);
BenchmarkSwitcher.FromAssembly(typeof(CacheFiles.Benchmarks.DecoderBenchmarks).Assembly).Run(args, config);
