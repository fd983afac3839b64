using System.Globalization;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>One boot of several over the same disk: <c>torture power cut|off|last SEED</c>. First everything that an earlier boot may have cached is
/// compared with its source, then the machine ends in the middle of more reading.</summary>
internal static class PowerScenario
{
    private const string Disk = "/cache/power";
    private const int LongestMilliseconds = 8000;
    // The last boot looks at all of them.
    private const int Newest = 6;

    internal static async Task<int> RunAsync(string end, Random random)
    {
        var blobs = new Blobs(Disk + "/blobs");
        var cache = Directory.CreateDirectory(Disk + "/cache").FullName;
        var log = new DaemonLog("/tmp/daemon.log");
        using Child daemon = await NoKeeperScenario.StartAsync(log, blobs, cache);

        int[] numbers = [.. blobs.Numbers];
        foreach (var number in end == "last" ? numbers : numbers[^Math.Min(Newest, numbers.Length)..])
        {
            await using Mount mount = await Readers.MountAsync(number);
            await ImageCheck.SumsAsync(Readers.Image, mount);
        }
        Assert.Empty(log.Faults);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"verified\t{numbers.Length}\t{log.Fetches}"));
        if (end == "last")
            return 0;

        var readers = new Readers(blobs, random.Next());
        await Task.Delay(random.Next(LongestMilliseconds));
        Assert.True(readers.Errors + readers.Wrong == 0, readers.FirstError);
        Console.WriteLine("ended");
        if (end == "cut")
        {
            // The reset button: nothing is written back any more.
            await Task.Delay(TimeSpan.FromMilliseconds(200));
            await File.WriteAllTextAsync("/proc/sysrq-trigger", "b");
        }
        Environment.Exit(0);
        return 0;
    }
}
