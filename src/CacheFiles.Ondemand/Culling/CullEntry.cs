namespace CacheFiles.Ondemand;

/// <summary>A file of the cache, in a <see cref="CullReport"/>.</summary>
/// <param name="Path">Its path below the cache directory, as UTF-8 text.</param>
/// <param name="Bytes">Bytes that it takes on the disk.</param>
/// <param name="LastUsed">When its object was last used, UTC.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record CullEntry(string Path, long Bytes, DateTime LastUsed, CullOutcome Outcome);
