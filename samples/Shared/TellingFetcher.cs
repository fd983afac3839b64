using System.Diagnostics;
using System.Globalization;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>Tells of what passes to another fetcher.</summary>
/// <param name="source">Where the bytes come from.</param>
/// <param name="complain">Hears of a mount that wants what is not there.</param>
/// <param name="log">Hears of everything; null where nobody listens.</param>
internal sealed class TellingFetcher(IRangeFetcher source, Action<string> complain, Action<string>? log) : IRangeFetcher
{
    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var length = await source.GetLengthAsync(key, cancellationToken).ConfigureAwait(false);
        if (length is null)
            complain($"{key} was asked for, and there is no such blob: its mount fails");
        else
            log?.Invoke($"open {key}: {length} bytes");
        return length;
    }

    public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        => log is null ? source.FetchAsync(key, range, writer, cancellationToken) : FetchAsync(log, key, range, writer, cancellationToken);

    public void ObjectClosed(ObjectKey key)
    {
        source.ObjectClosed(key);
        log?.Invoke($"close {key}");
    }

    private async ValueTask FetchAsync(Action<string> tell, ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await source.FetchAsync(key, range, writer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            tell(string.Create(CultureInfo.InvariantCulture, $"fetch {key} {range}: {writer.Position - range.Offset} bytes in {time:F1} ms"));
        }
    }
}
