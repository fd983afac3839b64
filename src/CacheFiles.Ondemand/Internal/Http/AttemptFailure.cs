namespace CacheFiles.Ondemand.Internal.Http;

internal enum FailureKind
{
    /// <summary>It may go better next time, here too.</summary>
    Transient,

    /// <summary>This mirror would only say the same again.</summary>
    Final,

    /// <summary>This mirror has no such object.</summary>
    NotFound,

    /// <summary>This mirror has another version than the one that was opened.</summary>
    Changed,
}

/// <summary>One request to one mirror did not bring what was asked for. The message says which URL, what was asked, what came, and what can
/// be done.</summary>
internal sealed class AttemptFailure(Mirror mirror, FailureKind kind, string message, Exception? inner = null, TimeSpan? retryAfter = null)
    : Exception(message, inner)
{
    internal Mirror Mirror { get; } = mirror;

    internal FailureKind Kind { get; } = kind;

    /// <summary>How long the server asked to be left alone.</summary>
    internal TimeSpan? RetryAfter { get; } = retryAfter;
}
