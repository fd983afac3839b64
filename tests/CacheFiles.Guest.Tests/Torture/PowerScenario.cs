using System.Globalization;
using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>One boot of several over the same disk: <c>torture power cut|off|kept|last SEED</c>. First everything that an earlier boot may have cached is
/// compared with its source, then the machine ends in the middle of more reading. <c>kept</c> reads one image to its end after a commit of its names and
/// writes back, before the power is cut: the next boot fetches nothing of it.</summary>
internal static class PowerScenario
{
    private const string Disk = "/cache/power";
    private const string Kept = Disk + "/kept";
    private const int LongestMilliseconds = 8000;
    // The last boot looks at all of them.
    private const int Newest = 6;

    internal static async Task<int> RunAsync(string end, Random random)
    {
        var blobs = new Blobs(Disk + "/blobs");
        // The source is on this disk too, but it is not what lost its power.
        blobs.Mend(Readers.Image, Readers.Data);
        var cache = Directory.CreateDirectory(Disk + "/cache").FullName;
        var log = new DaemonLog("/tmp/daemon.log");
        using Child daemon = await NoKeeperScenario.StartAsync(log, blobs, cache);

        int[] numbers = [.. blobs.Numbers];
        foreach (var number in end == "last" ? numbers : numbers[^Math.Min(Newest, numbers.Length)..])
            await VerifyAsync(number, log);
        Assert.Empty(log.Faults);
        if (File.Exists(Kept))
        {
            var number = await File.ReadAllTextAsync(Kept);
            Assert.Empty(log.FetchedOf($"{Readers.Image}-{number}"));
            Assert.Empty(log.FetchedOf($"{Readers.Data}-{number}"));
            File.Delete(Kept);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"verified\t{numbers.Length}\t{log.Fetches}"));
        if (end == "last")
            return 0;

        if (end == "kept")
        {
            await KeepAsync(Readers.Next(blobs));
        }
        else
        {
            var readers = new Readers(blobs, random.Next());
            await Task.Delay(random.Next(LongestMilliseconds));
            Assert.True(readers.Errors + readers.Wrong == 0, readers.FirstError);
        }
        Console.WriteLine("ended");
        if (end != "off")
        {
            // The reset button: nothing is written back any more.
            await Task.Delay(TimeSpan.FromMilliseconds(200));
            await File.WriteAllTextAsync("/proc/sysrq-trigger", "b");
        }
        Environment.Exit(0);
        return 0;
    }

    private static async Task KeepAsync(int number)
    {
        await Readers.CommitAsync(number);
        // Never taken away: its objects are open when the power goes.
        Mount mount = await Readers.MountAsync(number);
        await ImageCheck.SumsAsync(Readers.Image, mount);
        await File.WriteAllTextAsync(Kept, $"{number}");
        await Child.SucceedAsync("/", "sync");
    }

    private static async Task VerifyAsync(int number, DaemonLog log)
    {
        try
        {
            await using Mount mount = await Readers.MountAsync(number);
            await ImageCheck.SumsAsync(Readers.Image, mount);
        }
        catch (Exception)
        {
            Console.Error.WriteLine($"the daemon, when image {number} was read:\n{string.Join('\n', log.Lines.TakeLast(20))}");
            throw;
        }
    }
}
