using System.Globalization;

namespace CacheFiles.Bench.Machine;

/// <summary>The HTTP server that is some milliseconds away.</summary>
internal sealed class Origin : IAsyncDisposable
{
    private const string Port = "8080";
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly DaemonProcess _process;

    private Origin(DaemonProcess process) => _process = process;

    internal static string Url => $"http://127.0.0.1:{Port}/";

    internal static async Task<Origin> StartAsync()
        => new(await DaemonProcess.StartAsync(Paths.Tool("origin"), [Paths.Blobs, Port, "0"]));

    /// <summary>How long each request waits from now on.</summary>
    internal async Task SetDelayAsync(int milliseconds)
        => (await _client.PostAsync(new Uri(Url + string.Create(CultureInfo.InvariantCulture, $".delay?{milliseconds}")), null)).Dispose();

    /// <summary>A plain download onto the disk of the cache.</summary>
    /// <returns>What the reader has measured.</returns>
    internal static async Task<IReadOnlyDictionary<string, double>> DownloadAsync(string name)
    {
        const string Target = Paths.Cache + "/download";
        var result = Command.Parse(await Command.RunAsync(Paths.Tool("reader"), "download", Url.TrimEnd('/'), name, Target, "cached"));
        File.Delete(Target);
        return result;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _process.DisposeAsync();
    }
}
