namespace CacheFiles.Ondemand;

/// <summary>What a caller and a fetcher with several sources tell each other about one fetch. Bit <c>n</c> stands for the source <c>n</c>.</summary>
public sealed class SourceChoice
{
    /// <summary>Sources whose bytes were wrong: they are asked only when there is no other. Set by the caller; default none.</summary>
    public ulong Avoid { get; init; }

    /// <summary>Sources that bytes came from. Set by the fetcher before the bytes go into the writer; default none.</summary>
    public ulong Used { get; set; }
}
