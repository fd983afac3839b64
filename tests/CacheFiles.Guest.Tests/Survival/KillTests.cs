using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>kill -9 of a daemon whose device somebody keeps. What readers notice of it is eng/torture's business.</summary>
public class KillTests
{
    // What was under way at the kill may be in the cache without having been told of.
    private const long Piece = 1 << 20;

    [GuestFact]
    public async Task A_prefetch_that_was_running_is_gone_on_with()
    {
        await using KeptDaemon daemon = await KeptDaemon.StartAsync("supervisor", "delay=50", "prefetch=plain");
        await using Mount mount = await Mount.OfAsync("plain");
        await daemon.Log.HasAsync("prefetched ");

        await daemon.KillAsync();
        var before = daemon.Log.Fetches;
        var length = GuestMachine.LengthOf("plain");
        Assert.True(daemon.Log.FetchedOf("plain").Sum(r => r.Length) < length - Piece);
        // The kernel opens an object again for a reader.
        using Child reader = Child.Read(mount.File("large/uneven"), 6 << 20, 4096);
        Assert.Equal(new ChildResult(0, "", ""), await reader.EndAsync());
        await daemon.Log.Until("the whole object", () => daemon.Log.FetchedOf("plain").Sum(r => r.Length) >= length - Piece);

        Assert.True(daemon.Log.Fetches > before);
        daemon.Log.AssertNothingTwice("plain");
    }
}
