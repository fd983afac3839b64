using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>Whoever should not talk to the supervisor, or does not know how to: it loses nothing by that.</summary>
public class SocketTests
{
    private const int Seed = 5014;
    private const int Nobody = 65534;
    // Its length, 0, and the verb: let go of the device.
    private static readonly byte[] s_drop = [0, 0, 0, 0, 19];

    [GuestFact]
    public async Task Other_users_garbage_and_half_messages_are_refused_and_the_device_is_kept()
    {
        await using var daemon = (SupervisedDaemon)await KeptDaemon.StartAsync("supervisor");
        await using Mount mount = await Mount.OfAsync("plain");

        ChildResult shut = await SupervisorSocket.SendAsAsync(Nobody, daemon.Socket, s_drop);
        File.SetUnixFileMode(daemon.Socket, (UnixFileMode)0b110_110_110);
        File.SetUnixFileMode(Path.GetDirectoryName(daemon.Socket)!, (UnixFileMode)0b111_101_101);
        ChildResult other = await SupervisorSocket.SendAsAsync(Nobody, daemon.Socket, s_drop);
        var random = new Random(Seed);
        for (var i = 0; i < 50; i++)
        {
            var garbage = new byte[random.Next(1, 200)];
            random.NextBytes(garbage);
            // No verb of the protocol.
            if (garbage.Length > 4)
                garbage[4] |= 0x80;
            await SupervisorSocket.SendAsync(daemon.Socket, garbage);
        }
        for (var length = 0; length < s_drop.Length; length++)
            await SupervisorSocket.SendAsync(daemon.Socket, s_drop[..length]);

        Assert.NotEqual(0, shut.ExitCode);
        Assert.Contains($"it is of user {Nobody}", other.Output, StringComparison.Ordinal);
        await daemon.AssertKeeperIsCleanAsync();
        await daemon.KillAsync();
        await ImageCheck.FileAsync("plain", mount, "large/whole");
        Assert.Empty(daemon.Log.Faults);
    }
}
