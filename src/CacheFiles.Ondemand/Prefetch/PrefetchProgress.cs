namespace CacheFiles.Ondemand;

/// <summary>How far a prefetch is.</summary>
/// <param name="BytesDone">Bytes of the ranges that are dealt with: fetched, found cached, or failed.</param>
/// <param name="BytesTotal">Bytes of all ranges.</param>
/// <param name="BytesFetched">Bytes that were fetched.</param>
/// <param name="BytesFailed">Bytes that could not be fetched; the fault hook has heard why.</param>
public readonly record struct PrefetchProgress(long BytesDone, long BytesTotal, long BytesFetched, long BytesFailed);
