using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Daemon;

/// <summary>Prints what is opened and what came.</summary>
internal sealed class ReportingFetcher(FileRangeFetcher files, TimeSpan delay) : IRangeFetcher
{
    /// <summary>Called before each OPEN is answered.</summary>
    internal Action<ObjectKey>? Opened { get; set; }

    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Console.WriteLine($"opened {key.CookieText}");
        Opened?.Invoke(key);
        return files.GetLengthAsync(key, cancellationToken);
    }

    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, cancellationToken);
        await files.FetchAsync(key, range, writer, cancellationToken);
        // What is told of is in the cache.
        Console.WriteLine($"fetched {key.CookieText} {range.Offset} {range.Length}");
    }

    public void ObjectClosed(ObjectKey key) => files.ObjectClosed(key);
}
