namespace CacheFiles.Ondemand.Internal;

/// <summary>Follows the fetches of one range that is fetched ahead.</summary>
internal interface IFetchObserver
{
    /// <summary>A fetch was made. Called before it can end.</summary>
    void FetchMade();

    /// <summary>A fetch has ended. Called from the thread where it did.</summary>
    /// <param name="range">What it was for.</param>
    /// <param name="failure">Why it failed, or null.</param>
    void FetchEnded(ByteRange range, Exception? failure);
}
