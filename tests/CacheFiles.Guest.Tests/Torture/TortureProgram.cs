using System.Diagnostics;
using CacheFiles.Guest.Tests.Survival;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>The guest's part of eng/torture: <c>torture KILLS SEED [NAME]...</c>. For each scenario it prints its name, ok or FAILED, its row and the seconds
/// that it took, with tabs between them.</summary>
internal static class TortureProgram
{
    private static readonly Scenario[] s_scenarios =
    [
        new("kills", 1, (row, random) => KeeperScenarios.KillsAsync("supervisor", row, random)),
        new("kills-systemd", 0.25, (row, random) => KeeperScenarios.KillsAsync("systemd", row, random)),
        new("kills-parent", 0.25, (row, random) => KeeperScenarios.KillsAsync("parent", row, random)),
        new("upgrades", 1, KeeperScenarios.UpgradesAsync),
        new("mixed", 1, KeeperScenarios.MixedAsync),
        new("no-keeper", 0.05, NoKeeperScenario.RunAsync),
        new("disk-full", 0.1, DiskFullScenarios.ReadsAsync),
        new("disk-full-ahead", 0.05, DiskFullScenarios.PrefetchAsync),
        new("budget", 3, BudgetScenario.RunAsync),
        new("sockets", 0.005, SocketsAsync),
    ];

    // Not what a program that breaks off ends with.
    private const int Failed = 3;

    private static async Task SocketsAsync(Row row, Random random)
    {
        for (; row.Done < row.Kills; row.Done++)
            await new SocketTests().Other_users_garbage_and_half_messages_are_refused_and_the_device_is_kept();
    }

    internal static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["power", var end, var powerSeed])
            return await PowerScenario.RunAsync(end, new Random(int.Parse(powerSeed, null)));
        var kills = int.Parse(arguments[0], null);
        var seed = int.Parse(arguments[1], null);
        var failed = 0;
        foreach (Scenario scenario in s_scenarios.Where(s => arguments.Length < 3 || arguments.AsSpan(2).Contains(s.Name)))
        {
            var row = new Row { Kills = (int)Math.Ceiling(kills * scenario.Share) };
            var start = Stopwatch.GetTimestamp();
            string verdict;
            try
            {
                await scenario.RunAsync(row, new Random(seed));
                verdict = "ok";
            }
            catch (Exception e)
            {
                verdict = "FAILED";
                failed++;
                await Console.Error.WriteLineAsync($"{scenario.Name}: {e}");
            }
            Console.WriteLine($"{scenario.Name}\t{verdict}\t{row}\t{Stopwatch.GetElapsedTime(start).TotalSeconds:F0}\t{row.Note}");
        }
        return failed == 0 ? 0 : Failed;
    }
}
