using System.Diagnostics;

namespace CacheFiles.Samples.Tests;

/// <summary>A pipe stands in for the device: it can be polled and takes the commands. Reading from it blocks, as the device never does, so
/// that a stop cannot end.</summary>
public sealed class SignalTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("signals").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_daemon_says_ready_and_tells_its_counts_on_SIGUSR1()
    {
        using SampleProcess daemon = await StartAsync();
        daemon.Signal("USR1");
        string? line;
        do
            line = await SampleProcess.LineAsync(daemon.Error);
        while (line?.StartsWith("DirectoryDaemon: ", StringComparison.Ordinal) == true);
        Assert.Matches("^stats opens=0 reads=0 bytes=0 open=0 allocated=[0-9]+ live=[0-9]+$", line);
        Assert.False(daemon.HasExited);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task A_second_signal_ends_a_daemon_whose_stop_does_not_end(string signal, int status)
    {
        using SampleProcess daemon = await StartAsync();
        daemon.Signal(signal);
        var patience = Stopwatch.StartNew();
        // Two signals that come too close together may be delivered as one.
        while (!daemon.HasExited && patience.Elapsed < SampleProcess.Patience)
            daemon.Signal(signal);
        Assert.Equal(status, await daemon.ExitAsync());
    }

    private async Task<SampleProcess> StartAsync()
    {
        var device = Path.Combine(_directory, "device");
        using (Process mkfifo = Process.Start("mkfifo", [device]))
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        var daemon = new SampleProcess("DirectoryDaemon", "--source", _directory, "--cache", _directory, "--device", device);
        Assert.Equal("ready", await SampleProcess.LineAsync(daemon.Output));
        return daemon;
    }
}
