namespace CacheFiles.Ondemand.Internal;

/// <summary>A page that was fetched ahead and is not written until a reader wants it: its READ tells that the reader has come this far.</summary>
/// <param name="Offset">Where it goes.</param>
/// <param name="Buffer">The page.</param>
/// <param name="UnreadBytes">How much of its window lies behind it.</param>
internal readonly record struct HeldPage(long Offset, PageBuffer Buffer, long UnreadBytes);
