using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Ondemand.Testing;

/// <summary>A kernel with on-demand cachefiles and EROFS, in memory: what a daemon meets at the device, and what readers of its images
/// get.</summary>
/// <remarks>
/// <para>A test of a user's source:</para>
/// <example><code><![CDATA[
/// [Fact]
/// public async Task A_reader_gets_the_bytes_of_the_blob()
/// {
///     var blob = RandomNumberGenerator.GetBytes(300_000);
///     var kernel = new SimulatedKernel();
///     await using var cache = kernel.Bind(new() { CacheDirectory = "/cache" });
///     _ = cache.ServeAsync(new MemoryBlobs(new Dictionary<string, byte[]> { ["image"] = blob }));
///     SimulatedMount mount = await kernel.MountAsync("image");
///     Assert.Equal(blob, await mount.ReadAsync("image", 0, blob.Length));
/// }
/// ]]></code></example>
/// <para>It needs no root and touches no file: directories exist because they are named, blobs come from the daemon, and any bytes are an
/// image, of which a mount reads the first 4 KiB. There is no page cache: every read asks the cache.</para>
/// <para>Safe for concurrent use. Whatever waits for the daemon takes a <see cref="CancellationToken"/>.</para>
/// </remarks>
public sealed class SimulatedKernel
{
    private const int SpuriousEvery = 8;
    private readonly Dictionary<string, CacheDirectory> _directories = [];
    private readonly Random? _random;
    private long _occupied;

    /// <summary>Boots.</summary>
    /// <param name="options">Which kernel; null for the defaults.</param>
    public SimulatedKernel(SimulatedKernelOptions? options = null)
    {
        Options = options ?? new SimulatedKernelOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(Options.CapacityBytes);
        _random = Options.Seed == 0 ? null : new Random(Options.Seed);
        Objects = new ObjectTable(this);
    }

    /// <summary>Which kernel it is.</summary>
    public SimulatedKernelOptions Options { get; }

    /// <summary>Calls that are to fail.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>The requests so far.</summary>
    public RequestCounts Sent { get; } = new();

    /// <summary>How many descriptors daemons have open: the device, and an anonymous one for each object. While there is one, nobody else can
    /// bind.</summary>
    public int OpenDescriptors
    {
        get
        {
            lock (Lock)
                return Cache?.Pins ?? 0;
        }
    }

    /// <summary>Whether the device asks for culling.</summary>
    public bool IsCullWanted
    {
        get
        {
            lock (Lock)
                return Cache?.IsCullWanted ?? false;
        }
    }

    /// <summary>Bytes of the cache's file system that are not the cache's, as if other files took them: 0 at first. What is left decides, when something
    /// is opened or written next, about <see cref="SimulatedKernelOptions.CapacityBytes"/>' limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long OccupiedBytes
    {
        get => Interlocked.Read(ref _occupied);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Interlocked.Exchange(ref _occupied, value);
        }
    }

    /// <summary>Requests that the daemon has not read.</summary>
    internal int UnreadRequests
    {
        get
        {
            lock (Lock)
                return Cache?.Requests.NewCount ?? 0;
        }
    }

    /// <summary>Threads that wait for the device.</summary>
    internal int WaitingThreads
    {
        get
        {
            lock (Lock)
                return Cache?.Holder?.WaitingThreads ?? 0;
        }
    }

    /// <summary>The module's debug mask; it stays when the daemon has gone.</summary>
    internal uint DebugMask { get; set; }

    internal object Lock { get; } = new();

    /// <summary>The device's present opening; null where nobody has it, nor a descriptor of its objects.</summary>
    internal SimulatedCache? Cache { get; private set; }

    /// <summary>What is mounted.</summary>
    internal ObjectTable Objects { get; }

    /// <summary>Changes a message on its way to the daemon.</summary>
    internal MessageTamper? Tamper { get; set; }

    /// <summary>Puts something between the device and each daemon that is started.</summary>
    internal Func<IKernelDevice, IKernelDevice> Between { get; init; } = static device => device;

    /// <summary>Starts a daemon: opens the device and binds the cache, as <see cref="OndemandCache.Bind"/> does on a real kernel.</summary>
    /// <param name="options">The daemon's options. The cache directory is a name only.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="ErrnoException">EBUSY: another daemon has the device or an anonymous fd. Or what <see cref="Faults"/> says.</exception>
    public OndemandCache Bind(OndemandOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        SimulatedDevice device = OpenDevice();
        try
        {
            CacheBinder.Bind(command => Command(device, command), options);
        }
        catch
        {
            device.Dispose();
            throw;
        }
        return new OndemandCache(Between(device), options);
    }

    /// <summary>Kills the daemon's process, as SIGKILL does: its descriptors are closed and it hears nothing more. What still runs of it in
    /// this process ends with an <see cref="ErrnoException"/>.</summary>
    /// <param name="keepDevice">Whether somebody else holds the device for a successor: then readers go on waiting, for
    /// <see cref="Restore"/>. Else they get EIO.</param>
    public void KillDaemon(bool keepDevice = false)
    {
        lock (Lock)
            Cache?.Holder?.Kill(keepDevice);
    }

    /// <summary>Gives the cache up, as the kernel does after an error of the cache's file system: who waits gets EIO, nothing is asked of the daemon
    /// any more, every command is EIO, and nobody is told. The next daemon can bind as soon as this one has closed the device and its objects.</summary>
    public void FailCache()
    {
        lock (Lock)
            Cache?.GiveUp();
    }

    /// <summary>Starts a daemon that takes over a device that was kept, and sends <c>restore</c>.</summary>
    /// <param name="options">The daemon's options. Directory, tag and limits stay those that were bound.</param>
    /// <exception cref="InvalidOperationException">No device was kept.</exception>
    public OndemandCache Restore(OndemandOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        SimulatedDevice device = Inherit();
        try
        {
            Command(device, "restore");
        }
        catch
        {
            lock (Lock)
                device.Kill(keepDevice: true);
            throw;
        }
        return new OndemandCache(Between(device), options);
    }

    /// <summary>Mounts an image: opens its blob and reads the first page of it.</summary>
    /// <param name="fsid">The name of the image's own blob.</param>
    /// <param name="domainId">The shared domain: its mounts share blobs of the same name. Null for none.</param>
    /// <param name="devices">The names of further blobs. The mount does not wait for them: one that is refused shows when it is read.</param>
    /// <param name="cancellationToken">Gives up waiting. The mount cannot be killed; should it succeed later, it is taken away again.</param>
    /// <exception cref="ErrnoException">ENOBUFS (Linux 6.1: EIO): the daemon refused the blob, or there is none. EIO: it did not deliver the
    /// first page. EBUSY, in a domain EEXIST: the image is mounted already. EINVAL: a name is empty or longer than 255 bytes.</exception>
    public async Task<SimulatedMount> MountAsync(
        string fsid,
        string? domainId = null,
        IEnumerable<string>? devices = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fsid);
        Task<SimulatedMount> mounting = Objects.MountAsync(fsid, domainId, (devices ?? []).Select(d => (d, Encoding.UTF8.GetBytes(d))));
        try
        {
            return await mounting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = UnmountLateAsync(mounting);
            throw;
        }
    }

    /// <summary>The device that was kept, as a process has it that got it.</summary>
    internal SimulatedDevice Inherit()
    {
        lock (Lock)
        {
            if (Cache is null || Cache.IsDead || Cache.Holder is not null)
                throw new InvalidOperationException("No device was kept: KillDaemon(keepDevice: true) comes first.");
            return new SimulatedDevice(this, Cache);
        }
    }

    /// <summary>Mounts an image whose blobs have names that may be no text. For <see cref="SimulatedMount"/> they are the keys' texts.</summary>
    internal Task<SimulatedMount> MountAsync(string fsid, string? domainId, IEnumerable<byte[]> devices)
        => Objects.MountAsync(fsid, domainId, devices.Select(d => (new ObjectKey([], d).CookieText, d)));

    internal SimulatedDevice OpenDevice()
    {
        lock (Lock)
        {
            Errno fault = Faults.Strike(KernelVerb.OpenDevice);
            if (fault == Errno.None && Cache is not null)
                fault = Errno.EBUSY;
            if (fault != Errno.None)
                throw new ErrnoException(fault, $"open({DeviceHandle.DefaultPath})");
            Cache = new SimulatedCache(this, (uint)(_random?.Next() ?? 0), (uint)(_random?.Next(1, 1 << 30) ?? 1));
            return new SimulatedDevice(this, Cache);
        }
    }

    internal bool IsSpuriousAfter(uint messageId) => _random is not null && (messageId ^ (uint)Options.Seed) % SpuriousEvery == 0;

    /// <summary>What the disk has left.</summary>
    internal long FreeBytes(CacheDirectory directory) => Math.Max(0, Options.CapacityBytes - OccupiedBytes - directory.UsedBytes);

    internal CacheDirectory FindDirectory(string name)
        => _directories.TryGetValue(name, out CacheDirectory? found) ? found : _directories[name] = new CacheDirectory();

    /// <summary>The last descriptor of a cache is closed: what it held goes to the disk.</summary>
    internal void Withdraw(SimulatedCache cache)
    {
        Cache = null;
        Objects.Commit(cache);
    }

    private static void Command(SimulatedDevice device, string command)
    {
        Errno error = device.Command(Encoding.UTF8.GetBytes(command));
        if (error != Errno.None)
            throw new ErrnoException(error, command);
    }

    private static async Task UnmountLateAsync(Task<SimulatedMount> mounting)
    {
        try
        {
            SimulatedMount mount = await mounting.ConfigureAwait(false);
            await mount.UnmountAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (ErrnoException)
        {
            // It failed by itself.
        }
    }
}
