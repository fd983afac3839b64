namespace CacheFiles.Fuzz;

/// <summary>An invariant does not hold.</summary>
internal sealed class FuzzFailure(string message, Exception? cause = null) : Exception(message, cause);
