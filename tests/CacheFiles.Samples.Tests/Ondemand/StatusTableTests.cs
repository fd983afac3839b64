using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

public class StatusTableTests
{
    [Fact]
    public void The_table_has_the_rates_between_two_reports_and_a_line_for_each_blob()
    {
        StatusReport before = Report(100, 1000, 0);
        StatusReport now = Report(102, 1250, 5 << 20) with
        {
            ReadsInFlight = 3,
            Faults = 1,
            Blobs = [new("app", "app", 10 << 20, 10 << 20), new("shop", "common", 1 << 20, (1 << 20) - 1), new("e", "e", 0, 0)],
        };
        Assert.Equal(
            """
            process 7, up 00:01:42
            125.0 READs/s, 2.5 MiB/s fetched, 3 READs in flight, 1 faults, 0 culled

            image              size      cached      %
            app            10.0 MiB    10.0 MiB  100.0
            shop/common     1.0 MiB  1024.0 KiB   99.9
            e                   0 B         0 B  100.0

            """,
            StatusTable.Write(before, now));
    }

    [Fact]
    public void A_daemon_that_was_started_in_between_counts_from_its_start()
        => Assert.Contains("25.0 READs/s", StatusTable.Write(Report(100, 1000, 0), Report(2, 50, 0) with { ProcessId = 8 }), StringComparison.Ordinal);

    private static StatusReport Report(double uptime, long reads, long fetched) => new()
    {
        ProcessId = 7,
        UptimeSeconds = uptime,
        Blobs = [],
        Opens = 0,
        Reads = reads,
        ReadsInFlight = 0,
        BytesAsked = 0,
        BytesFetched = fetched,
        ObjectsCulled = 0,
        Faults = 0,
    };
}
