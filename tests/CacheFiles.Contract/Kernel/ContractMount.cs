using CacheFiles.Interop;

namespace CacheFiles.Contract.Kernel;

/// <summary>A mounted image, and the tasks that read it. Its files are its own blob, 0, and those of its device table, from 1 on.</summary>
internal abstract class ContractMount(Image image)
{
    internal Image Image => image;

    /// <summary>Reads with one pread(2) of a task of its own; what the kernel reads ahead is no more than that.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many.</param>
    /// <param name="file">Which blob.</param>
    internal abstract Task<byte[]> ReadAsync(long offset, int length, int file = 0);

    /// <summary>Does the same with a task that can be killed.</summary>
    internal abstract Task<byte[]> ReadUntilKilledAsync(long offset, int length, CancellationToken kill);

    /// <summary>Starts a task that reads from front to back.</summary>
    internal abstract ContractReader OpenReader(int file = 0);

    /// <summary>Unmounts; the CLOSEs come when they come.</summary>
    internal abstract Task UnmountAsync();

    /// <summary>Reads, and compares with the source.</summary>
    internal async Task VerifyAsync(long offset, int length, int file = 0)
        => Assert.Equal(image.Blobs[file].Bytes(offset, length), await ReadAsync(offset, length, file));

    internal async Task FailsToReadAsync(long offset, int length, int file = 0)
        => Assert.Equal(Errno.EIO, (await Assert.ThrowsAsync<ErrnoException>(() => ReadAsync(offset, length, file))).Errno);

    /// <summary>What a reader gets that nobody serves: which of the errors depends on how far it was.</summary>
    internal async Task IsNotServedAsync(long offset, int length, int file = 0)
        => Assert.Contains((await Assert.ThrowsAsync<ErrnoException>(() => ReadAsync(offset, length, file))).Errno, new[] { Errno.EIO, Errno.ENOBUFS });
}

/// <summary>A task that reads a file from front to back, and ahead of which the kernel reads.</summary>
internal abstract class ContractReader : IDisposable
{
    /// <summary>Reads the next bytes; 0 at the end.</summary>
    internal abstract Task<int> ReadAsync(Memory<byte> buffer);

    public abstract void Dispose();
}
