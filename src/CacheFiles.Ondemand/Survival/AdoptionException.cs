namespace CacheFiles.Ondemand;

/// <summary>A device that was open already cannot be served.</summary>
/// <param name="reason">Why.</param>
/// <param name="message">Why, for people.</param>
/// <param name="innerException">What the kernel said, where it was asked.</param>
public sealed class AdoptionException(AdoptionFailure reason, string message, Exception? innerException = null) : IOException(message, innerException)
{
    /// <summary>Why.</summary>
    public AdoptionFailure Reason { get; } = reason;
}
