using CacheFiles.Ondemand;

var daemon = new Sample(
    "HttpDaemon",
    "Serves the files of an HTTP server, each as a blob named by its file name.",
    [new Option("--origin", "URL", "the http or https URL of the directory with the blobs; more than one where servers have the same blobs") { Required = true, Repeatable = true }, .. Daemon.Options]);
using HttpClient client = Origin.NewClient();
return await daemon.RunAsync(args, arguments => new HttpRangeFetcher(client, arguments.All("--origin").Select(ToUri)));

static Uri ToUri(string text)
    => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri : throw new UsageException($"--origin is an http or https URL, not '{text}'");
