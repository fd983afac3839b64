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

    [Fact]
    public async Task A_program_that_is_being_replaced_is_started_when_it_is_there_again()
    {
        var program = Path.Combine(_directory, "daemon");
        await File.WriteAllTextAsync(program, "#!/bin/sh\nmv \"$0\" \"$0.away\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var supervisor = new SampleProcess("Supervisor", "--socket", Path.Combine(_directory, "socket"), "--", program);
        Assert.StartsWith("started ", await SampleProcess.LineAsync(supervisor.Output), StringComparison.Ordinal);
        Assert.StartsWith("ended ", await SampleProcess.LineAsync(supervisor.Output), StringComparison.Ordinal);
        Assert.Contains(program, await SampleProcess.LineAsync(supervisor.Error), StringComparison.Ordinal);

        File.Move(program + ".away", program);

        Assert.StartsWith("started ", await SampleProcess.LineAsync(supervisor.Output), StringComparison.Ordinal);
        Assert.False(supervisor.HasExited);
    }
}
