namespace CacheFiles.Ondemand.Internal;

/// <summary>Why bytes are fetched, the most urgent first.</summary>
internal enum FetchKind
{
    /// <summary>A reader waits for them.</summary>
    Read,

    /// <summary>A reader that reads on will want them next.</summary>
    ReadAhead,

    /// <summary>Somebody asked for them to be there before a reader comes.</summary>
    Prefetch,
}
