namespace CacheFiles.Samples.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("DirectoryDaemon", "--source DIR --cache DIR")]
    [InlineData("HttpDaemon", "--origin URL [--origin URL]... --cache DIR")]
    [InlineData("RequestTrace", "--cache DIR")]
    public async Task Help_shows_the_usage_on_standard_output(string sample, string usage)
    {
        SampleProcess.Result result = await SampleProcess.RunAsync(sample, "--help");
        Assert.Equal((0, ""), (result.Status, result.Error));
        Assert.StartsWith($"usage: {sample} {usage} ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--source is missing: give --source DIR")]
    [InlineData("--source is missing", "--cache", "/c")]
    [InlineData("--cache is missing: give --cache DIR", "--source", "/")]
    [InlineData("unknown argument '--sauce'", "--sauce", "/")]
    [InlineData("unknown argument 'more'", "--source", "/", "--cache", "/c", "more")]
    [InlineData("unknown argument ''", "")]
    [InlineData("--source is there twice", "--source", "/", "--cache", "/c", "--source", "/")]
    [InlineData("--source needs a value: --source DIR", "--source")]
    [InlineData("--source needs a value", "--source", "--cache", "/c")]
    [InlineData("--source needs a value", "--source=", "--cache", "/c")]
    [InlineData("--verbose takes no value", "--verbose=yes")]
    public async Task Wrong_arguments_are_one_line_that_leads_to_the_usage(string complaint, params string[] arguments)
    {
        var line = await ComplaintAsync("DirectoryDaemon", arguments);
        Assert.Contains(complaint, line, StringComparison.Ordinal);
        Assert.EndsWith("(--help shows the usage)", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absolute path", "--source=/", "--cache=relative")]
    [InlineData("/nonexistent/source does not exist", "--source=/nonexistent/source", "--cache=/")]
    [InlineData("/etc/passwd is a file", "--source=/etc/passwd", "--cache=/")]
    [InlineData("modprobe cachefiles", "--source=/", "--cache=/", "--device=/nonexistent/device")]
    [InlineData("not the cachefiles device", "--source=/", "--cache=/", "--device=/dev/null")]
    [InlineData("/nonexistent/trace", "--source=/", "--cache=/", "--replay=/nonexistent/trace")]
    [InlineData("this is no trace", "--source=/", "--cache=/", "--replay=/etc/passwd")]
    [InlineData("line end", "--source=/", "--cache=/", "--tag=two\nlines")]
    public async Task What_keeps_a_daemon_from_starting_is_one_line(string complaint, params string[] arguments)
        => Assert.Contains(complaint, await ComplaintAsync("DirectoryDaemon", arguments), StringComparison.Ordinal);

    [Theory]
    [InlineData("--origin is missing: give --origin URL", "--cache=/")]
    [InlineData("not 'images'", "--origin=images", "--cache=/")]
    [InlineData("not 'ftp://images/'", "--origin=ftp://images/", "--cache=/")]
    [InlineData("set credentials", "--origin=http://me:secret@images/", "--cache=/")]
    [InlineData("not 'elsewhere'", "--origin=http://images/", "--origin=elsewhere", "--cache=/")]
    [InlineData("--cache is there twice", "--origin=http://images/", "--cache=/", "--cache=/")]
    [InlineData("modprobe cachefiles", "--origin=http://images/", "--origin=http://mirror/", "--cache=/", "--device=/nonexistent/device")]
    public async Task What_keeps_an_HttpDaemon_from_starting_is_one_line(string complaint, params string[] arguments)
        => Assert.Contains(complaint, await ComplaintAsync("HttpDaemon", arguments), StringComparison.Ordinal);

    private static async Task<string> ComplaintAsync(string sample, string[] arguments)
    {
        SampleProcess.Result result = await SampleProcess.RunAsync(sample, arguments);
        Assert.Equal((2, ""), (result.Status, result.Output));
        var line = Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith($"{sample}: ", line, StringComparison.Ordinal);
        return line;
    }
}
