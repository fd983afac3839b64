using System.Diagnostics.Metrics;
using System.Net;
using CacheFiles.Ondemand;
using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

public class PrometheusTests
{
    [Fact]
    public void Counters_gauges_and_histograms_have_their_lines()
    {
        using var meter = new Meter("test");
        var requests = new Family(meter.CreateCounter<long>("cachefiles.requests", "{request}", "Requests."));
        requests.Take(2, [new("cachefiles.opcode", "read")]);
        requests.Take(1, [new("cachefiles.opcode", "open")]);
        requests.Take(3, [new("cachefiles.opcode", "read")]);
        var bytes = new Family(meter.CreateCounter<long>("cachefiles.bytes.written", "By", "Bytes."));
        bytes.Take(1L << 52, []);
        var active = new Family(meter.CreateObservableUpDownCounter("cachefiles.reads.active", () => 0, "{request}", "READs."));
        active.Take(5, []);
        active.Take(4, []);
        Assert.Equal(
            """
            # HELP cachefiles_requests_total Requests.
            # TYPE cachefiles_requests_total counter
            cachefiles_requests_total{cachefiles_opcode="open"} 1
            cachefiles_requests_total{cachefiles_opcode="read"} 5
            # HELP cachefiles_bytes_written_bytes_total Bytes.
            # TYPE cachefiles_bytes_written_bytes_total counter
            cachefiles_bytes_written_bytes_total 4503599627370496
            # HELP cachefiles_reads_active READs.
            # TYPE cachefiles_reads_active gauge
            cachefiles_reads_active 4

            """,
            PrometheusText.Write([requests, bytes, active]));
    }

    [Fact]
    public void The_buckets_of_a_histogram_contain_each_other()
    {
        using var meter = new Meter("test");
        var family = new Family(meter.CreateHistogram<double>("cachefiles.read.duration", "s", "Time."));
        foreach (var seconds in new[] { 0.00005, 0.0001, 0.5, 100 })
            family.Take(seconds, []);
        string[] lines = PrometheusText.Write([family]).Split('\n');
        Assert.Equal("# TYPE cachefiles_read_duration_seconds histogram", lines[1]);
        Assert.Equal("""cachefiles_read_duration_seconds_bucket{le="0.0001"} 2""", lines[2]);
        Assert.Equal("""cachefiles_read_duration_seconds_bucket{le="0.3"} 2""", lines[9]);
        Assert.Equal("""cachefiles_read_duration_seconds_bucket{le="1"} 3""", lines[10]);
        Assert.Equal("""cachefiles_read_duration_seconds_bucket{le="30"} 3""", lines[13]);
        Assert.Equal("""cachefiles_read_duration_seconds_bucket{le="+Inf"} 4""", lines[14]);
        Assert.Equal("cachefiles_read_duration_seconds_sum 100.50015", lines[15]);
        Assert.Equal("cachefiles_read_duration_seconds_count 4", lines[16]);
    }

    [Fact]
    public void What_an_attribute_may_hold_is_escaped()
    {
        using var meter = new Meter("test");
        var family = new Family(meter.CreateCounter<long>("faults"));
        family.Take(1, [new("source", "a\"b\\c\nd")]);
        Assert.Contains("""faults_total{source="a\"b\\c\nd"} 1""", PrometheusText.Write([family]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_shows_metrics_and_nothing_else()
    {
        using var meters = new MeterStore();
        using var meter = new Meter(OndemandTelemetry.Name);
        meter.CreateCounter<long>("test.things").Add(3);
        using PrometheusPort port = Listen(meters, out var number);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{number}/"), Timeout = SampleProcess.Patience };
        using HttpResponseMessage page = await client.GetAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(PrometheusText.ContentType, page.Content.Headers.ContentType?.ToString());
        Assert.Contains("\ntest_things_total 3\n", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("other", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync(new Uri("metrics", UriKind.Relative), null, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Throws<IOException>(() => new PrometheusPort(number, meters));
    }

    private static PrometheusPort Listen(MeterStore meters, out int number)
    {
        for (number = 20000; ; number++)
        {
            try
            {
                return new PrometheusPort(number, meters);
            }
            catch (IOException) when (number < 30000)
            {
                // Somebody else's.
            }
        }
    }
}
