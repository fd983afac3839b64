namespace CacheFiles.Ondemand;

/// <summary>One range that a start touched.</summary>
/// <param name="At">When, counted from the first.</param>
/// <param name="Key">The object.</param>
/// <param name="Range">The range.</param>
public sealed record AccessTraceEntry(TimeSpan At, ObjectKey Key, ByteRange Range);
