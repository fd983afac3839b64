namespace CacheFiles.Bench.Machine;

/// <summary>Something could not be measured.</summary>
internal sealed class BenchException(string message) : Exception(message);
