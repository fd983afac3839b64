namespace CacheFiles.Ondemand.Tests.Stress;

/// <summary>Tests that measure or fill the machine: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
