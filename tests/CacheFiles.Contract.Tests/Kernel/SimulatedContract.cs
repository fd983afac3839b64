using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Contract.Kernel;

/// <summary>A simulated kernel under test.</summary>
internal sealed class SimulatedContract(SimulatedKernelVersion version) : ContractKernel
{
    private readonly SimulatedKernel _kernel = new(new() { Version = version });

    internal SimulatedKernel Kernel => _kernel;

    internal override bool IsLinux61 => version == SimulatedKernelVersion.Linux61;

    internal override string CacheDirectory => "/cache";

    internal override IKernelDevice OpenDevice() => _kernel.OpenDevice();

    internal override IKernelDevice Inherit() => _kernel.Inherit();

    internal override void Kill(bool keepDevice = false) => _kernel.KillDaemon(keepDevice);

    internal override async Task<ContractMount> MountAsync(Image image, string? domain)
        => new Mount(image, await _kernel.MountAsync(image.Name, domain, image.Blobs.Skip(1).Select(b => b.Key)));

    internal override bool HasFile(ObjectKey key)
    {
        lock (_kernel.Lock)
            return _kernel.FindDirectory(CacheDirectory).Find(key) is { IsLinked: true };
    }

    internal override Errno WriteRaw(IKernelObject file, ReadOnlySpan<byte> data, long offset) => file.WriteAt(data, offset);

    internal override IDisposable FillDisk(int freePercent)
    {
        var capacity = _kernel.Options.CapacityBytes;
        _kernel.OccupiedBytes = capacity - (capacity / 100 * freePercent);
        return new Removal(_kernel);
    }

    internal override uint DebugMask => _kernel.DebugMask;

    internal override int OpenDescriptors => _kernel.OpenDescriptors;

    public override ValueTask DisposeAsync() => default;

    private sealed class Removal(SimulatedKernel kernel) : IDisposable
    {
        public void Dispose() => kernel.OccupiedBytes = 0;
    }

    private sealed class Mount(Image image, SimulatedMount mount) : ContractMount(image)
    {
        internal override Task<byte[]> ReadAsync(long offset, int length, int file = 0)
            => mount.ReadAsync(Image.Blobs[file].Text, offset, length, CancellationToken.None);

        internal override Task<byte[]> ReadUntilKilledAsync(long offset, int length, CancellationToken kill)
            => mount.ReadAsync(Image.Name, offset, length, kill);

        internal override ContractReader OpenReader(int file = 0) => new Reader(mount.OpenReader(Image.Blobs[file].Text));

        internal override Task UnmountAsync()
        {
            Task unmounted = mount.UnmountAsync();
            return unmounted.IsFaulted ? unmounted : Task.CompletedTask;
        }
    }

    private sealed class Reader(SimulatedReader reader) : ContractReader
    {
        internal override Task<int> ReadAsync(Memory<byte> buffer) => reader.ReadAsync(buffer).AsTask();

        public override void Dispose()
        {
        }
    }
}
