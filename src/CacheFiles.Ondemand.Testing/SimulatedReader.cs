using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Ondemand.Testing;

/// <summary>A task that reads a blob from front to back, as <c>cp</c> or <c>sha256sum</c> do: the kernel reads ahead of it in windows that
/// grow from 16 KiB at the start of the file, or from 4 KiB after a jump, over 32 and 64 to 128 KiB.</summary>
public sealed class SimulatedReader
{
    private readonly SimulatedMount _mount;
    private readonly string _name;
    private readonly SimulatedObject _object;
    private readonly ObjectReader _reader;

    internal SimulatedReader(SimulatedMount mount, string name, SimulatedObject target)
    {
        _mount = mount;
        _name = name;
        _object = target;
        _reader = new ObjectReader(target);
    }

    /// <summary>The offset in the blob of the next byte.</summary>
    public long Position { get; set; }

    /// <summary>Reads the next bytes.</summary>
    /// <param name="buffer">Where they go.</param>
    /// <param name="kill">Kills the reading task: the READ that it waits for is gone, too.</param>
    /// <returns>How many; 0 at the blob's end.</returns>
    /// <exception cref="ErrnoException">EIO: the daemon did not deliver.</exception>
    /// <exception cref="OperationCanceledException">The task was killed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken kill = default)
    {
        await _object.Opened.WaitAsync(kill).ConfigureAwait(false);
        buffer = buffer[..(int)Math.Max(0, Math.Min(buffer.Length, _object.Size - Position))];
        Errno error = await _mount.ReadAsync(_reader, Position, buffer, _object.Size, kill).ConfigureAwait(false);
        if (error != Errno.None)
            throw new ErrnoException(error, $"read({_name}, {buffer.Length} bytes at {Position})");
        Position += buffer.Length;
        return buffer.Length;
    }
}
