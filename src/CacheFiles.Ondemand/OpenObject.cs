namespace CacheFiles.Ondemand;

/// <summary>An object that is open.</summary>
/// <param name="Key">The object.</param>
/// <param name="LengthBytes">The length in bytes that it was opened with.</param>
/// <param name="CachedBytes">How many of them are in the cache, as the kernel's map has it.</param>
public sealed record OpenObject(ObjectKey Key, long LengthBytes, long CachedBytes);
