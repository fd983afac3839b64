namespace CacheFiles.Ondemand;

/// <summary>A source did not deliver what was asked of it: too little, too much, something else, or nothing.</summary>
public sealed class RangeFetchException : IOException
{
    /// <summary>Describes what the source did.</summary>
    /// <param name="message">What was asked, what came, and what can be done.</param>
    /// <param name="innerException">The cause, or null.</param>
    public RangeFetchException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
