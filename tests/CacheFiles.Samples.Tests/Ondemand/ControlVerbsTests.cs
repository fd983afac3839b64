using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

/// <summary>What the daemon does when it is asked, over the protocol in memory.</summary>
public sealed class ControlVerbsTests : IAsyncDisposable
{
    private const int Length = 300_000;
    private readonly SimulatedKernel _kernel = new();
    private readonly MeterStore _meters = new();
    private readonly OndemandCache _cache;
    private readonly ControlVerbs _verbs;

    public ControlVerbsTests()
    {
        _cache = _kernel.Bind(new() { CacheDirectory = "/cache", MaxReadAheadBytes = 0 });
        _ = _cache.ServeAsync(new Snippets.MemoryBlobs(new Dictionary<string, byte[]> { ["app"] = new byte[Length], ["common"] = new byte[Length] }));
        _verbs = new ControlVerbs(_cache, _meters, Configuration.Parse("[source]\nfrom = directory:/\n[cache]\ndirectory = /cache"));
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync();
        _meters.Dispose();
    }

    [Fact]
    public async Task Status_has_each_open_blob_with_what_of_it_is_cached()
    {
        Assert.Empty((await StatusAsync()).Blobs);
        SimulatedMount mount = await MountAsync();
        BlobStatus blob = Assert.Single((await StatusAsync()).Blobs);
        Assert.Equal(new BlobStatus("app", "app", Length, 4096), blob);
        await mount.ReadAsync("app", 0, Length, TestContext.Current.CancellationToken);
        StatusReport status = await StatusAsync();
        Assert.Equal(Length, status.Blobs[0].Cached);
        Assert.True(status is { Opens: >= 1, Reads: >= 2, BytesFetched: >= Length, UptimeSeconds: > 0 });
        Assert.Equal(Environment.ProcessId, status.ProcessId);
    }

    [Theory]
    [InlineData("app", null)]
    [InlineData("app", "app")]
    [InlineData(null, null)]
    public async Task Prefetch_brings_what_is_missing(string? name, string? domain)
    {
        await MountAsync();
        ControlAnswer answer = await AskAsync(new() { Version = 1, Verb = "prefetch", Name = name, Domain = domain });
        Assert.Equal(new PrefetchedBlob("app", "app", Length, Length, Length - 4096, 0), Assert.Single(answer.Prefetched!));
        Assert.Equal(Length, (await StatusAsync()).Blobs[0].Cached);
    }

    [Theory]
    [InlineData("common", null)]
    [InlineData("app", "shop")]
    public async Task What_is_not_mounted_cannot_be_prefetched(string name, string? domain)
    {
        await MountAsync();
        InvalidDataException refused = await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(new() { Version = 1, Verb = "prefetch", Name = name, Domain = domain }));
        Assert.Contains($"no blob '{name}' is open", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cull_removes_what_is_not_open_and_says_what_it_did()
    {
        // It gets its file when it is closed for the first time.
        SimulatedMount mount = await MountAsync();
        Assert.Equal("NotCached", await CullAsync());
        await mount.UnmountAsync(TestContext.Current.CancellationToken);
        mount = await MountAsync();
        Assert.Equal("InUse", await CullAsync());
        await mount.UnmountAsync(TestContext.Current.CancellationToken);
        CulledFiles wouldGo = (await AskAsync(new() { Version = 1, Verb = "cull", Bytes = 1, DryRun = true })).Culled!;
        Assert.Equal((0, 1), (wouldGo.Freed, wouldGo.Files.Count));
        string outcome;
        while ((outcome = await CullAsync()) == "InUse")
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.Equal("Culled", outcome);
        Assert.Equal("NotCached", await CullAsync());
    }

    [Theory]
    [InlineData("cull", null, null, false)]
    [InlineData("cull", "app", 5L, false)]
    [InlineData("cull", null, -1L, false)]
    [InlineData("cull", "app", null, true)]
    [InlineData("mount", null, null, false)]
    public async Task What_makes_no_sense_is_refused(string verb, string? name, long? bytes, bool dryRun)
        => await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(new() { Version = 1, Verb = verb, Name = name, Bytes = bytes, DryRun = dryRun }));

    private async Task<string> CullAsync() => (await AskAsync(new() { Version = 1, Verb = "cull", Name = "app" })).Culled!.Files[0].Outcome;

    private Task<SimulatedMount> MountAsync() => _kernel.MountAsync("app", cancellationToken: TestContext.Current.CancellationToken);

    private async Task<StatusReport> StatusAsync() => (await AskAsync(new() { Version = 1, Verb = "status" })).Status!;

    private Task<ControlAnswer> AskAsync(ControlRequest request)
        => _verbs.AnswerAsync(request, TestContext.Current.CancellationToken).WaitAsync(SampleProcess.Patience, TestContext.Current.CancellationToken);
}
