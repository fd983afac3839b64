using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Kernel;

/// <summary>The kernel that runs here. The daemons are in this process; what one of them has open is closed when it is killed.</summary>
internal sealed class RealKernel : ContractKernel
{
    private readonly List<RealMount> _mounts = [];
    private RealDevice? _holder;
    private DeviceHandle? _kept;

    internal override bool IsLinux61 => Host.IsLinux61;

    internal override string CacheDirectory { get; } = Directory.CreateDirectory("/cache/contract").FullName;

    internal override IKernelDevice OpenDevice() => _holder = new RealDevice(DeviceHandle.Open());

    internal override IKernelDevice Inherit()
    {
        _holder = new RealDevice(_kept!);
        _kept = null;
        return _holder;
    }

    internal override void Kill(bool keepDevice = false)
    {
        if (keepDevice)
            _kept = _holder!.Duplicate();
        _holder?.Kill();
        _holder = null;
    }

    internal override async Task<ContractMount> MountAsync(Image image, string? domain)
    {
        RealMount mount = await RealMount.OfAsync(image, domain);
        lock (_mounts)
            _mounts.Add(mount);
        return mount;
    }

    /// <summary>The descriptors that the daemon was given, closed ones included.</summary>
    internal static IReadOnlyCollection<IKernelObject> Opened(ContractKernel kernel) => ((RealKernel)kernel)._holder!.Opened;

    internal override bool HasFile(ObjectKey key) => File.Exists($"{CacheDirectory}/{new ObjectPath(key)}");

    internal override Task ForgetsAsync(string tag)
        => Bounded.Until(() => !File.ReadAllText("/proc/fs/fscache/caches").Contains(tag, StringComparison.Ordinal), $"the cache {tag} is forgotten");

    internal override Errno WriteRaw(IKernelObject file, ReadOnlySpan<byte> data, long offset) => ((RealObject)file).WriteRaw(data, offset);

    internal override IDisposable FillDisk(int freePercent)
    {
        // What a file of many extents needs besides.
        const long Spare = 1 << 20;
        FileSystemSpace space = FileSystemSpace.Of(CacheDirectory);
        // The file system gives the blocks at once, without anything being written.
        return new FileStream("/cache/filler", new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.DeleteOnClose,
            PreallocationSize = space.FreeBytes - (space.TotalBytes / 100 * freePercent) - Spare,
        });
    }

    internal override uint DebugMask => uint.Parse(File.ReadAllText("/sys/module/cachefiles/parameters/debug"), null);

    internal override int OpenDescriptors
        => Directory.GetFileSystemEntries("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget is "anon_inode:[cachefiles]" or DeviceHandle.DefaultPath);

    /// <summary>Leaves nothing behind for the next test: no device, no reader, no mount.</summary>
    public override async ValueTask DisposeAsync()
    {
        Kill();
        _kept?.Dispose();
        foreach (RealMount mount in _mounts)
            await mount.DisposeAsync();
    }
}
