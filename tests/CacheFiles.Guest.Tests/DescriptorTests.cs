using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests;

/// <summary>The anonymous fds of this process: one for each open object, close-on-exec, gone with the object.</summary>
public class DescriptorTests
{
    private const int CloseOnExec = 0x80000;

    [GuestFact]
    public async Task An_open_object_has_one_descriptor_until_it_is_closed()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        for (var round = 0; round < 3; round++)
        {
            Mount first = await Mount.OfAsync("first", "dom", "common");
            Mount second = await Mount.OfAsync("second", "dom", "common");
            Assert.Equal(3, Descriptors().Count);

            await first.UnmountAsync();
            await Bounded.Until("the first image's CLOSE", () => Descriptors().Count == 2);
            await second.UnmountAsync();
            await Bounded.Until("the last CLOSE", () => Descriptors().Count == 0);
        }
    }

    [GuestFact]
    public async Task No_program_that_the_daemon_starts_inherits_a_descriptor()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");

        Assert.All(Descriptors(), fd => Assert.Equal(CloseOnExec, Flags(fd) & CloseOnExec));
        Assert.Single(Descriptors());
        Assert.DoesNotContain("cachefiles", await Child.SucceedAsync("/", "ls", "-l", "/proc/self/fd"), StringComparison.Ordinal);
    }

    [GuestFact]
    public async Task Refused_objects_and_stopped_daemons_leave_no_descriptor()
    {
        await using (TestDaemon daemon = TestDaemon.Start())
        {
            for (var i = 0; i < 5; i++)
                await Mount.FailAsync($"unknown{i}");
            Assert.Empty(Descriptors());
        }
        TestDaemon stopped = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");
        await stopped.DisposeAsync();
        Assert.Empty(Descriptors());
    }

    private static List<string> Descriptors()
        => [.. Directory.GetFileSystemEntries("/proc/self/fd").Where(fd => LinkTarget(fd) == "anon_inode:[cachefiles]")];

    // The directory itself is open, and listed, only while it is read.
    private static string? LinkTarget(string fd) => new FileInfo(fd).LinkTarget;

    private static int Flags(string fd)
        => Convert.ToInt32(File.ReadLines($"/proc/self/fdinfo/{Path.GetFileName(fd)}").Single(l => l.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim(), 8);
}
