using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>A fetch ended because the kernel took no more bytes: what waits for it may try again when there is room.</summary>
internal sealed class CacheFullException(ErrnoException refusal) : IOException(refusal.Message, refusal);
