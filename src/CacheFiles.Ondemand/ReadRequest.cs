using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>READ: a reader waits for a range that is not cached.</summary>
/// <remarks>The kernel has no error answer for a READ: completing it without having written the range gives the reader EIO.</remarks>
public sealed class ReadRequest : OndemandRequest
{
    private readonly StreamSink _sink;
    private readonly CacheObject _object;

    internal ReadRequest(StreamSink sink, CacheObject target, uint messageId, ByteRange range)
        : base(messageId, target.Id, target.Key)
    {
        _sink = sink;
        _object = target;
        Range = range;
    }

    /// <summary>The object.</summary>
    public new ObjectKey Key => base.Key!;

    /// <summary>What the reader waits for. It may end behind the object's end.</summary>
    public ByteRange Range { get; }

    /// <summary>The length in bytes that the object was opened with.</summary>
    public long ObjectLength => _object.Length;

    /// <summary>Writes bytes of the object, of the asked range or of any other. They are copied into aligned memory.</summary>
    /// <param name="data">The bytes: whole pages, except at the object's end.</param>
    /// <param name="offset">Where they go, a multiple of the page size.</param>
    /// <exception cref="ArgumentException">The offset or the length is not aligned, or the bytes end behind the object's end. Nothing was written.</exception>
    /// <exception cref="ErrnoException">The kernel did not take them. ENOBUFS, ENOSPC: no space. EBADF: the object was closed.</exception>
    public void Write(ReadOnlySpan<byte> data, long offset) => _sink.Write(_object, data, offset);

    /// <summary>Releases the reader.</summary>
    /// <exception cref="InvalidOperationException">The request was answered already.</exception>
    public void Complete()
    {
        Answer();
        _sink.Complete(_object, MessageId);
    }

    private protected override void Refuse() => _sink.Complete(_object, MessageId);
}
