namespace CacheFiles.Ondemand;

/// <summary>A prefetch that has not ended.</summary>
/// <param name="Key">The object.</param>
/// <param name="Options">What is fetched, and how gently. <see cref="PrefetchOptions.Progress"/> is not kept.</param>
public sealed record RunningPrefetch(ObjectKey Key, PrefetchOptions Options);
