namespace CacheFiles.Samples;

/// <summary>The arguments are not those that the sample knows.</summary>
internal sealed class UsageException(string message) : Exception($"{message} (--help shows the usage)");
