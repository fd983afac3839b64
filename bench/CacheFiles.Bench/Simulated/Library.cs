using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Bench.Simulated;

/// <summary>The library, with a source that has everything in memory.</summary>
internal sealed class Library : IAsyncDisposable, IRangeFetcher
{
    private static readonly byte[] s_blob = new byte[Load.ObjectSize];
    private readonly OndemandCache _cache;

    private Library(SimulatedKernel kernel)
    {
        _cache = kernel.Bind(new() { CacheDirectory = "/cache", MaxReadAheadBytes = 0 });
        _ = _cache.ServeAsync(this);
    }

    internal static Task<Load> StartAsync()
    {
        var kernel = new SimulatedKernel();
        return Load.StartAsync(kernel, new Library(kernel));
    }

    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken) => new(s_blob.Length);

    public ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        => writer.WriteAsync(s_blob.AsMemory((int)range.Offset, (int)range.Length), cancellationToken);

    public ValueTask DisposeAsync() => _cache.DisposeAsync();
}
