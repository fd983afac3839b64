namespace CacheFiles.Samples.Tests;

/// <summary>What the supervisor does with programs that are no daemons.</summary>
public sealed class SupervisorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("supervisor").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_program_that_ends_is_started_again_and_again()
    {
        using var supervisor = new SampleProcess("Supervisor", "--socket", Path.Combine(_directory, "socket"), "--", "/bin/sh", "-c", "exit 3");
        for (var round = 0; round < 3; round++)
        {
            var started = await SampleProcess.LineAsync(supervisor.Output);
            Assert.StartsWith("started ", started, StringComparison.Ordinal);
            Assert.Equal($"ended {started?[8..]} 3", await SampleProcess.LineAsync(supervisor.Output));
        }
        Assert.False(supervisor.HasExited);
    }
}
