using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheFiles.Ondemand;

/// <summary>How a cache is bound and served. Checked as a whole before the first call of the kernel.</summary>
public sealed record OndemandOptions
{
    /// <summary>Where the kernel keeps the cached data: an existing directory on a file system with extended attributes (ext4, xfs, btrfs).
    /// Absolute, for the kernel resolves it.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>The cache's name in the kernel, null for the kernel's own, "CacheFiles".</summary>
    public string? Tag { get; init; }

    /// <summary>The device node. Default <c>/dev/cachefiles</c>.</summary>
    public string DevicePath { get; init; } = DeviceHandle.DefaultPath;

    /// <summary>The limits of the cache, null for the kernel's own.</summary>
    public CullLimits? Limits { get; init; }

    /// <summary>What is removed from the cache when room is wanted, and how large it may be.</summary>
    public CullingOptions Culling { get; init; } = new();

    /// <summary>The security context under which the kernel writes the cache, null for the daemon's own.</summary>
    public string? SecurityContext { get; init; }

    /// <summary>Bit mask of the kernel module's debug output, null to leave it alone.</summary>
    public uint? DebugMask { get; init; }

    /// <summary>Fetches that run at once; more wait their turn. Default 256. At least 1.</summary>
    public int MaxConcurrentFetches { get; init; } = 256;

    /// <summary>Bytes of buffers that fetches hold at once. Default 128 MiB. At least 1 MiB.</summary>
    public long MaxBufferedBytes { get; init; } = 128L << 20;

    /// <summary>Bytes that are fetched ahead of a sequential reader at most, for each of them; it begins with little and grows as the reader
    /// goes on. Default 8 MiB; 0 fetches only what readers wait for.</summary>
    public long MaxReadAheadBytes { get; init; } = 8 << 20;

    /// <summary>Bytes that are fetched at once around what a reader waits for where nothing tells that it reads on: the blocks of this size, aligned,
    /// in which it lies, without what is there already. What it waits for comes first. Default 0: nothing but that. A multiple of the page size.</summary>
    /// <remarks>With a source some milliseconds away a start that jumps about has its neighbours there when it comes to them, and pays for that with
    /// bytes that nobody reads. A trace (<see cref="Replay"/>) fetches those that are.</remarks>
    public long FetchAroundBytes { get; init; }

    /// <summary>Records which ranges are touched, null not to. Nothing is read ahead meanwhile.</summary>
    public AccessTraceRecorder? Recorder { get; init; }

    /// <summary>What an earlier start touched: fetched as soon as an object is opened, before it is asked for. Null for nothing.</summary>
    public AccessTrace? Replay { get; init; }

    /// <summary>How long a reader waits for its bytes, and a mount for an object's length. After that the reader gets EIO, the fetch is
    /// cancelled and the fault hook hears of it. Default 60 seconds; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stop waits for the requests that are being served. After that they are refused: READs give EIO. Default 10 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a hand-over waits for the requests that are being served; what is left then is the successor's. Readers wait that long, so it
    /// is short. Default 1 second.</summary>
    public TimeSpan HandOverTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Hears of every fault. Called from the thread where it happened, so it has to be quick and is called concurrently; what it
    /// throws is ignored.</summary>
    public Action<OndemandFault>? OnFault { get; init; }

    /// <summary>Where log messages go: faults as warnings, the rest as information and debug. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal void Validate()
    {
        if (string.IsNullOrEmpty(CacheDirectory) || !Path.IsPathFullyQualified(CacheDirectory))
            throw new ArgumentException($"CacheDirectory has to be an absolute path, not '{CacheDirectory}'.");
        NoLineEnds(CacheDirectory, nameof(CacheDirectory));
        NoLineEnds(Tag, nameof(Tag));
        NoLineEnds(SecurityContext, nameof(SecurityContext));
        if (Tag is { Length: 0 })
            throw new ArgumentException("Tag is empty; leave it null for the kernel's own.");
        ArgumentException.ThrowIfNullOrEmpty(DevicePath);
        Limits?.Validate();
        ArgumentNullException.ThrowIfNull(Culling);
        Culling.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentFetches, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBufferedBytes, 1L << 20);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxReadAheadBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(FetchAroundBytes);
        if (Pages.Floor(FetchAroundBytes) != FetchAroundBytes)
            throw new ArgumentException($"FetchAroundBytes has to be a multiple of the page size ({Pages.Size}), not {FetchAroundBytes}.");
        if (RequestDeadline != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestDeadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HandOverTimeout, TimeSpan.Zero);
    }

    private static void NoLineEnds(string? value, string name)
    {
        if (value is not null && value.AsSpan().IndexOfAny('\n', '\0') >= 0)
            throw new ArgumentException($"{name} contains a line end or a NUL, which the device's commands cannot carry.");
    }
}
