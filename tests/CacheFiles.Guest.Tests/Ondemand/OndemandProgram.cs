using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Ondemand;

/// <summary>samples/ErofsOndemand with a configuration of its own.</summary>
internal sealed class OndemandProgram
{
    internal const string Samples = "/opt/samples/ErofsOndemand";
    internal const string Program = Samples + "/erofs-ondemand";
    /// <summary>Takes a configuration that is there.</summary>
    internal OndemandProgram(string config) => Config = config;

    private OndemandProgram(string directory, string cache, bool isSupervised)
        : this(Path.Combine(directory, "config"))
    {
        Directory = directory;
        ControlPath = Path.Combine(directory, "control");
        File.WriteAllText(Config, $"""
            [source]
            from = directory:{GuestMachine.Blobs}
            [cache]
            directory = {cache}
            [serve]
            read-ahead = 0
            keeper = {(isSupervised ? $"supervisor:{SupervisorPath}" : "none")}
            [control]
            socket = {ControlPath}
            [mounts]
            record = {RecordPath}
            """);
    }

    internal string Directory { get; } = "";

    internal string Config { get; }

    internal string ControlPath { get; } = "/run/erofs-ondemand/control";

    internal string SupervisorPath => Path.Combine(Directory, "supervisor");

    internal string RecordPath => Path.Combine(Directory, "mounts.json");

    internal static OndemandProgram Configure(bool isSupervised = false)
        => new(System.IO.Directory.CreateTempSubdirectory("ondemand-").FullName, GuestMachine.NewCacheDirectory(), isSupervised);

    internal Task<DaemonProcess> ServeAsync() => DaemonProcess.StartProgramAsync(Program, "serve", "--config", Config);

    /// <summary>Runs a verb that is expected to succeed.</summary>
    /// <returns>What it prints.</returns>
    internal Task<string> RunAsync(string verb, params string[] arguments) => Child.SucceedAsync("/", Program, [verb, "--config", Config, .. arguments]);

    /// <summary>Asks the daemon itself: a process takes seconds to start in an emulated machine.</summary>
    internal async Task<JsonElement> AskAsync(string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlPath));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request + "\n"));
        using var reader = new StreamReader(stream);
        using var document = JsonDocument.Parse(await Bounded.Within($"the daemon's answer to {request}", reader.ReadToEndAsync()));
        return document.RootElement.Clone();
    }

    internal async Task<JsonElement> StatusAsync() => (await AskAsync("""{"version":1,"verb":"status"}""")).GetProperty("status");

    internal async Task<int> ProcessIdAsync() => (await StatusAsync()).GetProperty("processId").GetInt32();

    /// <summary>Length and cached bytes of a blob that is open.</summary>
    internal async Task<(long Length, long Cached)> BlobAsync(string name)
    {
        JsonElement blob = (await StatusAsync()).GetProperty("blobs").EnumerateArray().Single(b => b.GetProperty("name").GetString() == name);
        return (blob.GetProperty("length").GetInt64(), blob.GetProperty("cached").GetInt64());
    }

    /// <summary>Culls a blob that was unmounted. The kernel closes it, and names its file, in its own time.</summary>
    internal async Task CullAsync(string name, string domain)
    {
        var end = Environment.TickCount64 + (long)Bounded.Limit.TotalMilliseconds;
        string? outcome;
        do
        {
            Assert.True(Environment.TickCount64 < end, $"{name} is never culled");
            JsonElement culled = (await AskAsync($$"""{"version":1,"verb":"cull","name":"{{name}}","domain":"{{domain}}"}""")).GetProperty("culled");
            outcome = culled.GetProperty("files")[0].GetProperty("outcome").GetString();
        }
        while (outcome != "Culled");
    }
}
