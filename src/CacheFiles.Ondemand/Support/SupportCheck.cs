namespace CacheFiles.Ondemand;

/// <summary>One thing that on-demand caching needs, and whether this machine has it.</summary>
/// <param name="Name">What, a stable name such as <c>device</c> or <c>erofs-domain</c>.</param>
/// <param name="Verdict">Whether it is there.</param>
/// <param name="Reason">How that is known.</param>
/// <param name="Remedy">What to do about it; null where there is nothing to do.</param>
/// <param name="Required">Whether nothing works without it; else it is a feature, or good to know.</param>
public sealed record SupportCheck(string Name, SupportVerdict Verdict, string Reason, string? Remedy, bool Required);
