namespace CacheFiles.Ondemand;

/// <summary>What one pass over the cache did, or would do.</summary>
/// <param name="Entries">Every file, the longest unused first; strange ones last.</param>
/// <param name="CachedBytes">Bytes that the cache took before, with those of open objects that have no name on the disk yet.</param>
/// <param name="WantedBytes">Bytes that were to be removed.</param>
/// <param name="FreedBytes">Bytes that were removed.</param>
public sealed record CullReport(IReadOnlyList<CullEntry> Entries, long CachedBytes, long WantedBytes, long FreedBytes);
