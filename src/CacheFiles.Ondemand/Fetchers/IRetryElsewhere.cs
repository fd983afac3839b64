namespace CacheFiles.Ondemand;

/// <summary>A fetcher with several sources that can be told to leave some of them out, as <see cref="VerifyingRangeFetcher"/> does when the
/// bytes of one were wrong.</summary>
public interface IRetryElsewhere
{
    /// <summary>Delivers a range as <see cref="IRangeFetcher.FetchAsync"/> does.</summary>
    /// <param name="key">The object.</param>
    /// <param name="range">The range, inside the object.</param>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="choice">Which sources not to ask while there is another; the fetcher notes in it which ones it used.</param>
    /// <param name="cancellationToken">Fires when nobody waits for the range any more.</param>
    ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, SourceChoice choice, CancellationToken cancellationToken);
}
