using System.Runtime.CompilerServices;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>A cache bound in on-demand mode: the kernel's requests, and the means to serve them.</summary>
/// <remarks>
/// <para>A machine has one cachefiles device, and one process holds it. Whoever disposes the cache gives the device up: readers that wait get
/// EIO, and mounts stay broken for what is not cached until a daemon serves again and they are mounted anew.</para>
/// <example><code>
/// await using var cache = OndemandCache.Bind(new() { CacheDirectory = "/var/cache/fscache" });
/// await cache.ServeAsync(new FileRangeFetcher("/srv/images"), stopping);
/// </code></example>
/// </remarks>
public sealed class OndemandCache : IAsyncDisposable
{
    private readonly Session _session;
    private readonly DeviceHandle? _device;
    private readonly KeeperLink _keeper;
    private readonly Serving _serving;
    private readonly CancellationTokenSource _stop = new();
    private readonly object _lifetime = new();
    private Task? _consumer;
    private RequestStream? _stream;
    private bool _disposed;

    /// <param name="kernel">The device, as the kernel or its simulation has it.</param>
    /// <param name="options">The cache.</param>
    /// <param name="device">The device itself, where it can be handed over.</param>
    /// <param name="keeper">Who keeps the device, or null.</param>
    /// <param name="state">What that keeper kept.</param>
    internal OndemandCache(IKernelDevice kernel, OndemandOptions options, DeviceHandle? device = null, IDeviceKeeper? keeper = null, OndemandState? state = null)
    {
        _session = new Session(kernel, options);
        _device = device;
        _keeper = new KeeperLink(_session, keeper);
        _serving = new Serving(_session, _keeper, keeper is null || state is null ? null : new PrefetchLedger(_session, keeper, state));
    }

    /// <summary>Opens the device, configures it and binds the cache (<c>bind ondemand</c>). Requests wait in the kernel until they are asked for.</summary>
    /// <param name="options">The cache.</param>
    /// <exception cref="ArgumentException">An option is out of its range. Nothing was touched.</exception>
    /// <exception cref="DirectoryNotFoundException">The cache directory does not exist.</exception>
    /// <exception cref="ErrnoException">EPERM or EACCES: no CAP_SYS_ADMIN. EBUSY: another process holds the device; the message names it. ENOENT: no
    /// device; load the module. EINVAL from <c>bind ondemand</c>: this kernel has no on-demand mode. EOPNOTSUPP from it: the directory's file system has no
    /// extended attributes.</exception>
    public static OndemandCache Bind(OndemandOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        DeviceHandle device = CacheBinder.Open(options.DevicePath);
        // It polls the device, which a file opened by mistake refuses: nothing is written to that.
        var kernel = new DeviceKernel(device);
        try
        {
            CacheBinder.CheckDirectory(options.CacheDirectory);
            CacheBinder.Bind(device.Command, options);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
        var cache = new OndemandCache(kernel, options, device);
        Log.Bound(cache._session.Logger, options.CacheDirectory, options.DevicePath);
        return cache;
    }

    /// <summary>Takes on a device on which a cache is bound already (<c>restore</c>): every request that is not answered comes again, and objects are
    /// opened again as readers want them. What the cache holds is not fetched again.</summary>
    /// <param name="device">The device. Taken over, and closed where it cannot be adopted. Nobody else may be reading from it, or hold one of its
    /// anonymous fds.</param>
    /// <param name="options">The cache. The directory and the tag are those that it was bound with; limits are not set again.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="AdoptionException">It is not the device, no cache is bound on it, the cache is dead, or the kernel has no <c>restore</c>.</exception>
    public static OndemandCache Adopt(DeviceHandle device, OndemandOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        try
        {
            ArgumentNullException.ThrowIfNull(options);
            options.Validate();
            DeviceKernel kernel = Adopter.Adopt(device, options, isBound: true);
            var cache = new OndemandCache(kernel, options, device);
            Log.Adopted(cache._session.Logger, options.CacheDirectory, options.DevicePath);
            return cache;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Adopts the device that a keeper keeps; where it keeps none, or one that cannot be adopted, binds the cache and gives it the device.
    /// Whatever ends this process then, readers only wait until a successor has done the same.</summary>
    /// <remarks>A cache with a keeper hands over when it is stopped: what is not answered is left to the successor. The prefetches that were running go
    /// on as soon as the kernel opens their objects again, which it does when something is read that is not cached.</remarks>
    /// <param name="options">The cache.</param>
    /// <param name="keeper">Who keeps the device. Borrowed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">The kept state is damaged, or newer than this version. What is kept stays kept.</exception>
    /// <exception cref="AdoptionException">What is kept cannot be adopted, and the keeper cannot let go of it.</exception>
    /// <exception cref="IOException">The keeper cannot be reached, or what <see cref="Bind"/> throws.</exception>
    public static async Task<OndemandCache> BindOrAdoptAsync(OndemandOptions options, IDeviceKeeper keeper, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keeper);
        options.Validate();
        var (device, kernel, state) = await KeptStart.RunAsync(options, keeper, cancellationToken).ConfigureAwait(false);
        return new OndemandCache(kernel, options, device, keeper, state);
    }

    /// <summary>Serves every request with a fetcher, until it is stopped.</summary>
    /// <param name="fetcher">Where the bytes come from. Borrowed: the caller disposes it, after this has returned.</param>
    /// <param name="cancellationToken">Stops: no more requests are taken, those that were are served within
    /// <see cref="OndemandOptions.DrainTimeout"/> or refused, and the device is closed. The task then completes without an exception.</param>
    /// <exception cref="InvalidOperationException">The cache is being served already, or was.</exception>
    /// <exception cref="ErrnoException">The device failed. Everything was closed.</exception>
    public Task ServeAsync(IRangeFetcher fetcher, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fetcher);
        return Consume(() => _serving.RunAsync(fetcher, cancellationToken, _stop.Token));
    }

    /// <summary>Gives the requests themselves, for who wants to answer them without the engine. Ending the enumeration refuses what was not
    /// answered and closes the device. Nothing happens, and nothing is thrown, before the first request is awaited.</summary>
    /// <param name="cancellationToken">Ends the enumeration without an exception.</param>
    /// <exception cref="InvalidOperationException">The cache is being served already, or was.</exception>
    /// <exception cref="ErrnoException">The device failed. Everything was closed.</exception>
    public IAsyncEnumerable<OndemandRequest> ReadRequestsAsync(CancellationToken cancellationToken = default) => EnumerateAsync(cancellationToken);

    /// <summary>Fetches ranges of an open object before readers ask for them. What is cached already is not fetched again, and what readers
    /// wait for goes first.</summary>
    /// <param name="key">The object.</param>
    /// <param name="options">What, and how gently; null for the whole object.</param>
    /// <param name="cancellationToken">Stops; pieces that were begun are still finished.</param>
    /// <returns>What was done. It is less than everything where the object was closed meanwhile, or pieces failed: the fault hook has heard why.</returns>
    /// <exception cref="InvalidOperationException">The object is not open, or the cache is not being served.</exception>
    public Task<PrefetchProgress> PrefetchAsync(ObjectKey key, PrefetchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        options ??= new PrefetchOptions();
        options.Validate();
        return _serving.PrefetchAsync(key, options, cancellationToken);
    }

    /// <summary>Lists the objects that are open, in no order, with what of each is cached. It takes a few calls of the kernel for each.</summary>
    /// <returns>What was open at the time. Empty where nothing is, and after the end.</returns>
    public Task<IReadOnlyList<OpenObject>> ListOpenAsync()
        => Task.Run<IReadOnlyList<OpenObject>>(() => [.. _session.OpenObjects.Select(o => new OpenObject(o.Key, o.Length, Math.Min(o.Length, o.CountCached())))]);

    /// <summary>Removes an object that is not open from the cache (<c>cull</c>). Its bytes are fetched again when it is next used.</summary>
    /// <param name="key">The object.</param>
    /// <exception cref="ErrnoException">EIO: the cache is dead. Anything else that the kernel says but ENOENT, ESTALE and EBUSY.</exception>
    public Task<CullResult> CullAsync(ObjectKey key) => Task.Run(() => Cull("cull", key));

    /// <summary>Removes the objects from the cache that were not used for the longest time, whatever the limits and the budget are. What is open or
    /// pinned stays.</summary>
    /// <param name="bytesToFree">How many bytes are to go.</param>
    /// <param name="dryRun">Only says what would go.</param>
    /// <returns>Every file of the cache, and what became of it.</returns>
    /// <exception cref="ErrnoException">EIO: the cache is dead.</exception>
    public Task<CullReport> CullAsync(long bytesToFree, bool dryRun = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesToFree);
        return Task.Run(() => _session.Culler.Run(bytesToFree, dryRun));
    }

    /// <summary>Asks whether an object is open (<c>inuse</c>).</summary>
    /// <param name="key">The object.</param>
    /// <returns>True where it is; false where it is not, or where the cache has no file for it yet.</returns>
    /// <exception cref="ErrnoException">As in <see cref="CullAsync(ObjectKey)"/>.</exception>
    public async Task<bool> IsInUseAsync(ObjectKey key)
        => await Task.Run(() => Cull("inuse", key)).ConfigureAwait(false) == CullResult.InUse;

    private CullResult Cull(string verb, ObjectKey key)
    {
        var path = new ObjectPath(key);
        Errno error = _session.CullCommand(verb, path.DirectoryName, path.FileName);
        return error switch
        {
            Errno.None => CullResult.Culled,
            Errno.EBUSY => CullResult.InUse,
            Errno.ENOENT or Errno.ESTALE => CullResult.NotCached,
            _ => throw new ErrnoException(error, $"{verb} {path}"),
        };
    }

    /// <summary>Stops serving and leaves everything that is not answered to a successor, which readers do not notice but for a pause. Fetches that are
    /// under way get <see cref="OndemandOptions.HandOverTimeout"/>; then they are abandoned, and nothing that they still bring is written.</summary>
    /// <returns>The device, for the successor to adopt: open, bound, owned by the caller. All else is closed.</returns>
    /// <exception cref="InvalidOperationException">There is no device in this process to hand over.</exception>
    /// <exception cref="ErrnoException">The device failed meanwhile, or no descriptor is free.</exception>
    public async Task<DeviceHandle> HandOverAsync()
    {
        DeviceHandle copy = (_device ?? throw new InvalidOperationException("There is no device to hand over.")).Duplicate();
        try
        {
            await LeaveAsync().ConfigureAwait(false);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Stops serving, and leaves what is not answered to whoever has the device too.</summary>
    internal async Task LeaveAsync()
    {
        _session.IsLeaving = true;
        Task? consumer;
        lock (_lifetime)
            consumer = _consumer;
        await DisposeAsync().ConfigureAwait(false);
        // It says where the device failed. A loop over the requests may hang, and has been left behind then.
        if (consumer is not null && _stream is null)
            await consumer.ConfigureAwait(false);
    }

    /// <summary>Stops serving, as cancelling does, and closes objects and device. Doing so again changes nothing.</summary>
    /// <remarks>Requests that <see cref="ReadRequestsAsync"/> gave have <see cref="OndemandOptions.DrainTimeout"/> to be answered.</remarks>
    public async ValueTask DisposeAsync()
    {
        Task? consumer;
        lock (_lifetime)
        {
            if (_disposed)
                return;
            _disposed = true;
            consumer = _consumer;
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        if (consumer is null)
            _session.Close();
        else if (_stream is { } stream)
            await stream.EndAsync().ConfigureAwait(false);
        else
            await consumer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _serving.Dispose();
    }

    private Task Consume(Func<Task> start)
    {
        lock (_lifetime)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_consumer is not null)
                throw new InvalidOperationException("A cache is served once, by one caller.");
            return _consumer = start();
        }
    }

    private async IAsyncEnumerable<OndemandRequest> EnumerateAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequestStream stream = null!;
        _ = Consume(() => (_stream = stream = new RequestStream(_session, _keeper, _stop.Token)).Ended);
        await foreach (OndemandRequest request in stream.EnumerateAsync(cancellationToken).ConfigureAwait(false))
            yield return request;
    }
}
