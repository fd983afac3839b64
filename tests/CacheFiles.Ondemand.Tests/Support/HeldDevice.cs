using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A device that holds a message up that the kernel has given away already, before the daemon sees it.</summary>
/// <param name="device">The device.</param>
/// <param name="opcode">What kind of message.</param>
/// <param name="gate">Where it is held.</param>
internal sealed class HeldDevice(IKernelDevice device, uint opcode, Gate gate) : IKernelDevice
{
    /// <summary>The cache directory, where the test holds up its listing too.</summary>
    internal HeldDisk? Disk { get; private set; }

    public Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened)
    {
        Errno error = device.TryRead(buffer, out length, out opened);
        if (length > 0 && Message.Decode(buffer[..length]).Header.Opcode == opcode)
            gate.Block();
        return error;
    }

    public Errno Command(ReadOnlySpan<byte> command) => device.Command(command);

    public Errno CompleteOpen(uint messageId, long size) => device.CompleteOpen(messageId, size);

    public bool TryReleaseOrphan(uint messageId) => device.TryReleaseOrphan(messageId);

    public Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name) => device.CullCommand(verb, directory, name);

    public ICacheDisk OpenDisk(string directory) => Disk = new HeldDisk(device.OpenDisk(directory));

    public DevicePollResult Wait() => device.Wait();

    public void Recheck() => device.Recheck();

    public void Wake() => device.Wake();

    public void Dispose() => device.Dispose();
}
