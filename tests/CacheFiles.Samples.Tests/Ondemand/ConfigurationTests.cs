using CacheFiles.Ondemand;
using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

public class ConfigurationTests
{
    private const string Minimal = """
        [source]
        from = directory:/srv/images
        [cache]
        directory = /var/cache/images
        """;

    [Fact]
    public void What_is_not_set_is_as_the_library_has_it()
    {
        var configuration = Configuration.Parse(Minimal);
        OndemandOptions defaults = new() { CacheDirectory = "/var/cache/images" };
        OndemandOptions options = configuration.ToOptions();
        Assert.Equal(new CullLimits(), options.Limits);
        Assert.Equal(defaults.Culling.BudgetBytes, options.Culling.BudgetBytes);
        Assert.Empty(options.Culling.Pinned);
        Assert.Equal(defaults, options with { Limits = null, Culling = defaults.Culling });
        var http = new HttpRangeFetcherOptions();
        Assert.Equal(http, configuration.ToHttpOptions() with { MapUri = http.MapUri });
        Assert.Equal(new PrefetchOptions(), configuration.ToPrefetchOptions());
        Assert.Null(configuration.ToKeeper());
    }

    [Fact]
    public void Every_key_but_those_that_are_required_has_a_default_that_can_be_read()
        => Assert.All(Settings.All.Where(s => !s.Required && s.Default.Length > 0), s => s.Read(s.Default));

    [Fact]
    public void What_is_set_is_taken()
    {
        var configuration = Configuration.Parse("""
            # a comment
            [source]
              from = https://one.example/
              from=http://two.example/images
              hedges = 0 %

            [cache]
            directory = /var/cache/images
            budget = 20 GiB
            pin = app
            pin = shop/common
            [serve]
            request-deadline = none
            read-ahead = 0
            around = 256 KiB
            drain = 250ms
            keeper = supervisor:/run/s
            [prefetch]
            bandwidth = 3 MiB/s
            """);
        OndemandOptions options = configuration.ToOptions();
        Assert.Equal(20L << 30, options.Culling.BudgetBytes);
        Assert.Equal([new ObjectKey("erofs,app", "app"), new ObjectKey("erofs,shop", "common")], options.Culling.Pinned);
        Assert.Equal((Timeout.InfiniteTimeSpan, 0, TimeSpan.FromMilliseconds(250)), (options.RequestDeadline, options.MaxReadAheadBytes, options.DrainTimeout));
        Assert.Equal(256 << 10, options.FetchAroundBytes);
        Assert.Equal(["https://one.example/", "http://two.example/images"], configuration.All(Settings.From).Select(a => a.Url!.ToString()));
        Assert.Equal(0, configuration.ToHttpOptions().HedgePercent);
        Assert.Equal(3 << 20, configuration.ToPrefetchOptions().MaxBytesPerSecond);
        Assert.IsType<SupervisorKeeper>(configuration.ToKeeper());
    }

    [Theory]
    [InlineData("line 1: there is no section [nowhere]: there are [source], [cache]", "[nowhere]")]
    [InlineData("line 1: 'budget = 1 GiB' is in no section", "budget = 1 GiB")]
    [InlineData("line 2: there is no key 'read-behind' in [serve]: there are request-deadline, drain", "[serve]\nread-behind = 1 s")]
    [InlineData("line 2: there is no key 'read-ahead' in [cache]: it belongs below [serve]", "[cache]\nread-ahead = 8 MiB")]
    [InlineData("line 3: drain is there twice", "[serve]\ndrain = 1 s\ndrain = 2 s")]
    [InlineData("line 2: 'drain' is not 'key = value'", "[serve]\ndrain")]
    [InlineData("line 2: 'drain =' is not 'key = value'", "[serve]\ndrain =")]
    [InlineData("line 2: drain = 1 MiB: a time is a whole number and one of ms, s, min, h", "[serve]\ndrain = 1 MiB")]
    [InlineData("line 2: drain = 1: a time is a whole number", "[serve]\ndrain = 1")]
    [InlineData("line 2: read-ahead = 8 MB: a size is a whole number and one of B, KiB, MiB, GiB, TiB, such as '8 MiB'", "[serve]\nread-ahead = 8 MB")]
    [InlineData("line 2: read-ahead = -1 MiB: a size", "[serve]\nread-ahead = -1 MiB")]
    [InlineData("line 2: read-ahead = 9000000000 TiB: the number is too large", "[serve]\nread-ahead = 9000000000 TiB")]
    [InlineData("line 2: drain = 9000000000000 h: ", "[serve]\ndrain = 9000000000000 h")]
    [InlineData("line 2: buffers = 1 KiB: it is at least 1048576 B", "[serve]\nbuffers = 1 KiB")]
    [InlineData("line 2: fetches = 0: it is a number from 1", "[serve]\nfetches = 0")]
    [InlineData("line 2: run-blocks = 100 %: a share is less than 100 %", "[cache]\nrun-blocks = 100 %")]
    [InlineData("line 2: bandwidth = 10 MiB: a rate is a whole number and one of B/s", "[prefetch]\nbandwidth = 10 MiB")]
    [InlineData("line 2: directory = images: a path has to be absolute", "[cache]\ndirectory = images")]
    [InlineData("line 2: from = ftp://images/: a source is directory:PATH, or", "[source]\nfrom = ftp://images/")]
    [InlineData("line 2: from = directory:images: a path has to be absolute", "[source]\nfrom = directory:images")]
    [InlineData("line 2: keeper = somebody: a keeper is none, systemd or supervisor:SOCKET", "[serve]\nkeeper = somebody")]
    [InlineData("line 2: pin = a/b/c: a blob is FSID, or DOMAIN/NAME", "[cache]\npin = a/b/c")]
    [InlineData("line 2: port = 65536: it is a number from 1 to 65535", "[metrics]\nport = 65536")]
    [InlineData("from is missing: add a line 'from = directory:PATH or URL' below [source]", "[cache]\ndirectory = /var/cache/images")]
    [InlineData("directory is missing: add a line 'directory = path' below [cache]", "[source]\nfrom = directory:/srv")]
    public void What_is_wrong_is_told_with_its_line_and_what_is_right(string complaint, string text)
        => Assert.StartsWith(
            complaint,
            Assert.Throws<ConfigurationException>(() => Configuration.Parse(text)).Message.Replace("configuration, ", "", StringComparison.Ordinal).Replace("configuration: ", "", StringComparison.Ordinal),
            StringComparison.Ordinal);

    [Fact]
    public void A_socket_s_path_is_no_longer_than_its_address()
        => Assert.Contains("107 bytes", Assert.Throws<ConfigurationException>(() => Configuration.Parse($"[control]\nsocket = /{new string('a', 107)}")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_directory_and_a_URL_are_not_mirrors()
        => Assert.Throws<ConfigurationException>(() => new BlobSource(Configuration.Parse("[source]\nfrom = directory:/srv\nfrom = http://there/\n[cache]\ndirectory = /c")));
}
