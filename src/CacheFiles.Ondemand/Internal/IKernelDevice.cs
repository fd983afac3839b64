using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The one seam: an open cachefiles device, real or simulated. The caller disposes it last; late answers to a disposed one are EBADF,
/// and late wakes nothing.</summary>
internal interface IKernelDevice : IDisposable
{
    /// <summary>Writes one command.</summary>
    Errno Command(ReadOnlySpan<byte> command);

    /// <summary>Answers an OPEN with a size in bytes, or a negative errno.</summary>
    Errno CompleteOpen(uint messageId, long size);

    /// <summary>Takes the next request; length 0 where none is pending. For an OPEN the caller owns <paramref name="opened"/>.</summary>
    Errno TryRead(Span<byte> buffer, out int length, out IKernelObject? opened);

    /// <summary>Releases the reader of a READ whose object nobody here knows, if its descriptor is still open in this process.</summary>
    bool TryReleaseOrphan(uint messageId);

    /// <summary>Culls a file of the cache, or asks whether it is in use (EBUSY).</summary>
    /// <param name="verb"><c>cull</c> or <c>inuse</c>.</param>
    /// <param name="directory">The directory it is in, as an absolute path.</param>
    /// <param name="name">Its name there.</param>
    Errno CullCommand(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name);

    /// <summary>The directory that the cache is bound in.</summary>
    ICacheDisk OpenDisk(string directory);

    /// <summary>Waits until something happens. Of several waiting threads one is called per change, and has to read until nothing is pending
    /// before it waits again.</summary>
    DevicePollResult Wait();

    /// <summary>Calls a waiting thread if a request can be taken. Needed after the descriptor of an object was closed that the kernel still has
    /// open: the kernel calls nobody then, though a READ that waits for that object can be taken.</summary>
    void Recheck();

    /// <summary>Ends every wait, present and future.</summary>
    void Wake();
}

/// <summary>An open object: its anonymous fd. A call on a disposed one answers EBADF.</summary>
internal interface IKernelObject : IDisposable
{
    /// <summary>Writes page-aligned bytes.</summary>
    Errno WriteAt(ReadOnlySpan<byte> data, long offset);

    /// <summary>Releases the reader that waits for a READ.</summary>
    Errno CompleteRead(uint messageId);

    /// <summary>The size of the object's file in bytes; -1 where it has none yet: the kernel looks for it after the OPEN is answered. So an object
    /// that has one at its OPEN was open before, and readers may be waiting for it.</summary>
    long FileSize { get; }

    /// <summary>The next cached byte at or behind an offset; -1 where there is none, or the object is disposed.</summary>
    long SeekData(long offset);

    /// <summary>The next byte that is not cached; -1 beyond the end, or where the object is disposed.</summary>
    long SeekHole(long offset);
}
