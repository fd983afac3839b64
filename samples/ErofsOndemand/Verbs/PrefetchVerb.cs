namespace CacheFiles.Samples.ErofsOndemand;

/// <summary><c>prefetch</c>: brings what is mounted into the cache.</summary>
internal static class PrefetchVerb
{
    internal static Verb Verb { get; } = new(
        "prefetch",
        "Fetches what is missing of a blob of a mounted image, or of all of them, and waits for it. The daemon goes on when this is ended.",
        RunAsync,
        new Option("--name", "NAME", "the blob: the fsid of an image, or the name of a device (default: all that are open)"),
        new Option("--domain", "DOMAIN", "the domain that it is in"));

    private static async Task<int> RunAsync(Arguments arguments)
    {
        Configuration configuration = ConfigFile.Load(arguments);
        var request = new ControlRequest
        {
            Version = ControlRequest.CurrentVersion,
            Verb = ControlVerbs.Prefetch,
            Name = arguments.Find("--name"),
            Domain = arguments.Find("--domain"),
        };
        ControlAnswer answer = (await ControlClient.AskAsync(configuration, request).ConfigureAwait(false)).Answer;
        foreach (PrefetchedBlob blob in answer.Prefetched!)
            Console.WriteLine($"{blob.Domain}/{blob.Name}: {blob.Done} of {blob.Total} bytes, {blob.Fetched} fetched, {blob.Failed} failed");
        return answer.Prefetched.Any(b => b.Failed > 0 || b.Done < b.Total) ? 1 : 0;
    }
}
