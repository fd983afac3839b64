using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using CacheFiles.Fuzz.Messages;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>Stands between a daemon and the simulated kernel: writes everything down, and where the plan says so changes messages, repeats them
/// and makes some up.</summary>
internal sealed class FuzzDevice(IKernelDevice device, Plan plan, Ledger ledger, LockedRandom random, Action<FuzzDevice> delivered) : IKernelDevice
{
    private readonly ConcurrentQueue<byte[]> _madeUp = new();

    /// <summary>Called in place of closing the device, where it is handed over.</summary>
    internal Action? Keep { get; set; }

    public Errno Command(ReadOnlySpan<byte> command) => device.Command(command);

    public Errno CompleteOpen(uint messageId, long size)
    {
        Errno error = device.CompleteOpen(messageId, size);
        ledger.AnswerOpen(messageId, error);
        return error;
    }

    public Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened)
    {
        opened = null;
        if (_madeUp.TryDequeue(out var fake))
        {
            length = fake.Length;
            fake.CopyTo(buffer);
            ledger.Deliver([], fake, null);
            return Errno.None;
        }
        Errno error = device.TryRead(buffer, out length, out IKernelObject? file);
        if (error != Errno.None || length == 0)
            return error;
        Span<byte> original = stackalloc byte[Layout.MaxSize];
        original = original[..length];
        buffer[..length].CopyTo(original);
        if (plan.Lies && random.Next(15) == 0)
            Mutator.Mutate(new Random(random.Next(int.MaxValue)), buffer[..Layout.MaxSize], ref length);
        if (length == 0)
        {
            // Nothing is pending, that means, and it would look no further.
            length = original.Length;
            original.CopyTo(buffer);
        }
        var name = file is null ? null : NameIn(original);
        ledger.Deliver(original, buffer[..length], name);
        if (file is not null)
            opened = new FuzzObject(file, ledger, plan, name!, BinaryPrimitives.ReadUInt32LittleEndian(buffer[Layout.ObjectAt..]));
        if (plan.Lies && random.Next(20) == 0)
            _madeUp.Enqueue(MakeUp(original));
        delivered(this);
        return Errno.None;
    }

    public bool TryReleaseOrphan(uint messageId)
    {
        var released = device.TryReleaseOrphan(messageId);
        if (released)
            ledger.AnswerRead(messageId, 0, Errno.None, isCached: true);
        return released;
    }

    public Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name) => device.CullCommand(verb, directory, name);

    public ICacheDisk OpenDisk(string directory) => device.OpenDisk(directory);

    public DevicePollResult Wait() => device.Wait();

    public void Recheck() => device.Recheck();

    public void Wake() => device.Wake();

    public void Dispose()
    {
        if (Keep is { } keep)
            keep();
        else
            device.Dispose();
    }

    private byte[] MakeUp(ReadOnlySpan<byte> last)
    {
        var buffer = new byte[Layout.MaxSize];
        var id = (uint)random.Next(int.MaxValue);
        var source = new Random(random.Next(int.MaxValue));
        var length = random.Next(6) switch
        {
            0 => MessageMaker.Read(buffer, id, id, 4096L * random.Next(100), 4096),
            1 => MessageMaker.Read(buffer, id, ledger.AnyObject(random), 512L * random.Next(1000), random.Next(200_000)),
            2 => MessageMaker.Close(buffer, id, ledger.AnyObject(random)),
            3 => MessageMaker.Close(buffer, id, id),
            4 => MessageMaker.Make(source, buffer),
            _ => 0,
        };
        // The same once more, as after a restore; not an OPEN, for that takes a descriptor.
        if (length == 0 && BinaryPrimitives.ReadUInt32LittleEndian(last[Layout.OpcodeAt..]) != Layout.Open)
            return last.ToArray();
        return length == 0 ? buffer[..MessageMaker.Close(buffer, id, id)] : buffer[..length];
    }

    private static string NameIn(ReadOnlySpan<byte> open)
    {
        var volumeSize = BinaryPrimitives.ReadInt32LittleEndian(open[Layout.VolumeSizeAt..]);
        return Encoding.ASCII.GetString(open[(Layout.KeysAt + volumeSize)..]);
    }
}
