using CacheFiles.Ondemand;

namespace CacheFiles.Samples.Tests.Snippets;

internal static class RequestLoop
{
    internal static async Task RunAsync(OndemandCache cache, CancellationToken stop)
    {
        await foreach (OndemandRequest request in cache.ReadRequestsAsync(stop))
        {
            using (request)
            {
                if (request is OpenRequest open)
                    open.Complete(length: 1 << 20);
                else if (request is ReadRequest read)
                {
                    read.Write(new byte[1 << 20], offset: 0);
                    read.Complete();
                }
            }
        }
    }
}
