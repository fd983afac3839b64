using CacheFiles.Interop;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>OPEN: a mount wants an object. The mount waits, unkillable, for the answer.</summary>
public sealed class OpenRequest : OndemandRequest
{
    private readonly StreamSink _sink;
    private readonly IKernelObject _file;

    internal OpenRequest(StreamSink sink, uint messageId, uint objectId, ObjectKey key, IKernelObject file)
        : base(messageId, objectId, key)
    {
        _sink = sink;
        _file = file;
    }

    /// <summary>The object.</summary>
    public new ObjectKey Key => base.Key!;

    /// <summary>Opens the object (copen).</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="InvalidOperationException">The request was answered already.</exception>
    public void Complete(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Answer();
        _sink.Accept(MessageId, new CacheObject(ObjectId, Key, length, _file));
    }

    /// <summary>Refuses the object: the mount fails, with ENOBUFS or EIO whatever the number says.</summary>
    /// <param name="errno">Why. ENOENT where there is no such object.</param>
    /// <exception cref="InvalidOperationException">The request was completed already. Failing it twice is harmless.</exception>
    public void Fail(Errno errno)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero((int)errno, nameof(errno));
        if (TryAnswer())
            _sink.Refuse(MessageId, _file, errno);
    }

    internal override void Leave()
    {
        base.Leave();
        _file.Dispose();
    }

    private protected override void Refuse() => _sink.Refuse(MessageId, _file, Errno.EIO);
}
