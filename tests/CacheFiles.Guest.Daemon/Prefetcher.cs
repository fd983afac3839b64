using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Daemon;

/// <summary>Prefetches objects that are opened for the first time; the daemons that come after are to go on by themselves.</summary>
/// <param name="cache">The cache.</param>
/// <param name="names">How the names of those objects begin.</param>
/// <param name="marker">How the names of the files begin that say what was begun.</param>
internal sealed class Prefetcher(OndemandCache cache, string names, string marker)
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(10);

    internal void Opened(ObjectKey key)
    {
        if (key.CookieText.StartsWith(names, StringComparison.Ordinal) && IsFirst(marker + key.CookieText))
            _ = RunAsync(key);
    }

    private static bool IsFirst(string path)
    {
        try
        {
            new FileStream(path, FileMode.CreateNew).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task RunAsync(ObjectKey key)
    {
        while (true)
        {
            try
            {
                PrefetchProgress end = await cache.PrefetchAsync(key, new PrefetchOptions { MaxConcurrentPieces = 1, Progress = new Teller() });
                Console.WriteLine($"prefetch-ended {key.CookieText} {end.BytesTotal - end.BytesDone + end.BytesFailed}");
                return;
            }
            catch (InvalidOperationException)
            {
                // Its OPEN is not answered yet.
                await Task.Delay(s_beat);
            }
        }
    }

    private sealed class Teller : IProgress<PrefetchProgress>
    {
        public void Report(PrefetchProgress value) => Console.WriteLine($"prefetched {value.BytesDone}");
    }
}
