using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests;

/// <summary>What compressed images do on each kernel: docs/operating.md.</summary>
public class CompressedTests
{
    [GuestFact]
    public async Task Linux_612_reads_a_compressed_image_and_61_opens_only_the_files_that_are_not_compressed()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("lz4");

        if (!GuestMachine.IsLinux61)
        {
            await ImageCheck.SumsAsync("lz4", mount);
            return;
        }
        // mkfs.erofs leaves a file as it is where compressing does not make it smaller.
        await ImageCheck.FileAsync("lz4", mount, "large/whole");
        using Child reader = Child.Read(mount.File("text"), 0, 4096);
        Assert.Contains("Operation not supported", (await reader.EndAsync()).Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Faults);
    }
}
