using System.Diagnostics;
using System.Text.Json;

namespace CacheFiles.Samples.Tests.Ondemand;

/// <summary>The program as a user starts it. A pipe stands in for the device, as in <see cref="SignalTests"/>.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Program = "erofs-ondemand";
    private readonly string _directory = Directory.CreateTempSubdirectory("command").FullName;

    private string ConfigPath => Path.Combine(_directory, "config");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Help_lists_the_verbs_and_each_verb_its_arguments()
    {
        SampleProcess.Result all = await SampleProcess.RunAsync(Program, "--help");
        Assert.Equal((0, ""), (all.Status, all.Error));
        string[] verbs = [.. all.Output.Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])];
        Assert.Equal(["serve", "check", "mount", "umount", "remount", "prefetch", "status", "cull", "upgrade", "probe"], verbs);
        SampleProcess.Result mount = await SampleProcess.RunAsync(Program, "mount", "--help");
        Assert.Equal((0, ""), (mount.Status, mount.Error));
        Assert.StartsWith("usage: erofs-ondemand mount --fsid NAME --target DIR [--domain DOMAIN] [--device NAME]... [--config FILE]", mount.Output, StringComparison.Ordinal);
        Assert.Contains("  read-ahead = size ", (await SampleProcess.RunAsync(Program, "serve", "--help")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is no verb 'sevre'", "sevre")]
    [InlineData(2, "unknown argument '--cache'", "serve", "--cache", "/")]
    [InlineData(2, "the configuration cannot be read", "serve", "--config", "/nonexistent")]
    [InlineData(2, "--target is missing", "mount", "--fsid", "a")]
    [InlineData(2, "give either --bytes or --name", "cull")]
    public async Task What_cannot_be_done_is_one_line(int status, string complaint, params string[] arguments)
        => Assert.Contains(complaint, await ComplaintAsync(status, arguments), StringComparison.Ordinal);

    [Fact]
    public async Task A_configuration_that_is_wrong_is_told_of_with_its_line_before_anything_is_touched()
    {
        await ConfigureAsync("[serve]", "read-ahead = 8 s");
        foreach (var verb in (string[])["serve", "check", "status", "remount", "probe", "upgrade"])
            Assert.Contains($"{ConfigPath}, line 10: read-ahead = 8 s: a size is", await ComplaintAsync(2, verb, "--config", ConfigPath), StringComparison.Ordinal);
        await ConfigureAsync();
        SampleProcess.Result right = await SampleProcess.RunAsync(Program, "check", "--config", ConfigPath);
        Assert.Equal(new(0, $"{ConfigPath} is right.\n", ""), right);
    }

    [Fact]
    public async Task Without_a_daemon_its_verbs_say_so()
    {
        await ConfigureAsync();
        foreach (var verb in (string[])["status", "prefetch"])
            Assert.Contains("is it running", await ComplaintAsync(1, verb, "--config", ConfigPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_keeper_there_is_no_upgrade()
    {
        await ConfigureAsync();
        Assert.Contains("names no keeper", await ComplaintAsync(2, "upgrade", "--config", ConfigPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_cannot_read_its_configuration_is_no_successor()
    {
        await ConfigureAsync("[serve]", "keeper = systemd");
        var line = await ComplaintAsync(1, "upgrade", "--config", ConfigPath, "--program", "/bin/false");
        Assert.Contains("the daemon that serves was left alone", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_mounted_and_cannot_be_is_told_of_line_by_line()
    {
        await ConfigureAsync();
        await File.WriteAllTextAsync(
            Path.Combine(_directory, "mounts"),
            $$"""{"version":1,"mounts":[{"target":"/proc/nowhere","fsid":"a","devices":[]},{"target":"{{_directory}}/m","fsid":"b,c","devices":[]}]}""",
            TestContext.Current.CancellationToken);
        SampleProcess.Result result = await SampleProcess.RunAsync(Program, "remount", "--config", ConfigPath);
        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.Equal(2, result.Error.TrimEnd('\n').Split('\n').Length);
        Assert.Contains("'b,c' cannot be written in mount options", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_serves_answers_over_its_socket()
    {
        await ConfigureAsync();
        using SampleProcess daemon = await ServeAsync();

        SampleProcess.Result json = await SampleProcess.RunAsync(Program, "status", "--json", "--config", ConfigPath);
        using (var document = JsonDocument.Parse(json.Output))
            Assert.Equal(0, document.RootElement.GetProperty("status").GetProperty("blobs").GetArrayLength());
        SampleProcess.Result table = await SampleProcess.RunAsync(Program, "status", "--config", ConfigPath);
        Assert.Equal((0, ""), (table.Status, table.Error));
        Assert.Contains("0 READs in flight, ", table.Output, StringComparison.Ordinal);
        Assert.Contains("no blob 'app' is open", await ComplaintAsync(1, "prefetch", "--name", "app", "--config", ConfigPath), StringComparison.Ordinal);
        Assert.Equal(new(0, "", ""), await SampleProcess.RunAsync(Program, "prefetch", "--config", ConfigPath));
        SampleProcess.Result cull = await SampleProcess.RunAsync(Program, "cull", "--bytes", "1GiB", "--dry-run", "--config", ConfigPath);
        Assert.Equal(new(0, "0 of 0 bytes removed\n", ""), cull);
    }

    [Fact]
    public async Task A_live_status_shows_that_the_daemon_has_ended_and_goes_on_with_the_next_one()
    {
        await ConfigureAsync();
        using SampleProcess first = await ServeAsync();
        using var terminal = new Terminal(Program, "status", "--config", ConfigPath);
        await terminal.ShowsAsync("0 READs in flight, ");
        first.Signal("KILL");
        await terminal.ShowsAsync("is it running");
        using SampleProcess next = await ServeAsync();
        await terminal.ShowsAsync("0 READs in flight, ");
        Assert.Equal(0, await terminal.InterruptAsync());
    }

    private async Task<SampleProcess> ServeAsync()
    {
        var device = Path.Combine(_directory, "device");
        if (!File.Exists(device))
        {
            using Process mkfifo = Process.Start("mkfifo", [device]);
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        var daemon = new SampleProcess(Program, "serve", "--config", ConfigPath);
        Assert.Equal("ready", await SampleProcess.LineAsync(daemon.Output));
        return daemon;
    }

    private Task ConfigureAsync(params string[] more) => File.WriteAllLinesAsync(
        ConfigPath,
        [
            "[source]",
            $"from = directory:{_directory}",
            "[cache]",
            $"directory = {_directory}",
            $"device = {_directory}/device",
            "[control]",
            $"socket = {_directory}/control",
            "[mounts]",
            .. more.Length > 0 ? more : [$"record = {_directory}/mounts"],
        ],
        TestContext.Current.CancellationToken);

    private static async Task<string> ComplaintAsync(int status, params string[] arguments)
    {
        SampleProcess.Result result = await SampleProcess.RunAsync(Program, arguments);
        Assert.Equal((status, ""), (result.Status, result.Output));
        var line = Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("erofs-ondemand: ", line, StringComparison.Ordinal);
        return line;
    }
}
