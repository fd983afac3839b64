using System.Collections.Concurrent;
using System.Threading.Channels;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Gives every request to the user, and remembers which ones are unanswered.</summary>
internal sealed class StreamSink(Session session) : IRequestSink
{
    // As long as the kernel's own queue at most: each entry is a task that waits.
    private readonly Channel<OndemandRequest> _requests = Channel.CreateUnbounded<OndemandRequest>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<uint, OndemandRequest> _unanswered = new();
    private readonly PageBufferPool _buffers = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ChannelReader<OndemandRequest> Requests => _requests.Reader;

    /// <summary>Completes when the pump has ended: before that the device is not to be closed.</summary>
    internal Task Ended => _ended.Task;

    public void OnOpen(uint messageId, uint objectId, ObjectKey key, IKernelObject file)
        => Add(new OpenRequest(this, messageId, objectId, key, file));

    public IThreadPoolWorkItem? OnRead(uint messageId, uint objectId, ByteRange range)
    {
        if (session.Find(objectId) is { } target)
            Add(new ReadRequest(this, target, messageId, range));
        else
            session.ReleaseUnknown(messageId, objectId);
        return null;
    }

    public void OnBadRead(uint messageId, uint objectId)
    {
        if (session.Find(objectId) is { } target)
            session.CompleteRead(target, messageId);
        else
            session.ReleaseUnknown(messageId, objectId);
    }

    public void OnClose(uint messageId, uint objectId)
    {
        CacheObject? closed = session.Forget(objectId);
        closed?.Close();
        _requests.Writer.TryWrite(new CloseRequest(messageId, objectId, closed?.Key));
    }

    internal void Accept(uint messageId, CacheObject opened)
    {
        _unanswered.TryRemove(messageId, out _);
        session.Register(opened)?.Close();
        if (!session.AcceptOpen(messageId, opened.Id, opened.Length))
            session.Forget(opened.Id)?.Close();
    }

    internal void Refuse(uint messageId, IKernelObject file, Errno errno)
    {
        _unanswered.TryRemove(messageId, out _);
        session.RefuseOpen(messageId, file, errno);
    }

    internal void Complete(CacheObject target, uint messageId)
    {
        _unanswered.TryRemove(messageId, out _);
        session.CompleteRead(target, messageId);
    }

    internal void Write(CacheObject target, ReadOnlySpan<byte> data, long offset)
    {
        if (offset < 0 || Pages.Floor(offset) != offset)
            throw new ArgumentException($"Bytes go to a multiple of the page size ({Pages.Size}), not to {offset}.", nameof(offset));
        if (data.Length > target.Length - offset)
            throw new ArgumentException($"{data.Length} bytes at {offset} end behind the object's {target.Length}.", nameof(data));
        if (Pages.Floor(data.Length) != data.Length && offset + data.Length != target.Length)
            throw new ArgumentException($"Bytes come in whole pages of {Pages.Size}, except at the object's end; {data.Length} are not.", nameof(data));
        while (!data.IsEmpty)
        {
            var count = Math.Min(data.Length, PageBufferPool.MaxSize);
            PageBuffer buffer = _buffers.Rent(count);
            Span<byte> memory = buffer.Memory.Span[..Pages.Ceiling(count)];
            data[..count].CopyTo(memory);
            memory[count..].Clear();
            Errno error = target.File.WriteAt(memory, offset);
            _buffers.Return(buffer);
            if (error != Errno.None)
                throw new ErrnoException(error, $"pwrite(object, {memory.Length} bytes at {offset})");
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>Ends the stream.</summary>
    internal void End(Exception? reason)
    {
        _requests.Writer.TryComplete(reason);
        _ended.TrySetResult();
    }

    /// <summary>Refuses what nobody answered.</summary>
    internal void RefuseAll()
    {
        foreach (OndemandRequest request in _unanswered.Values)
            request.Dispose();
    }

    /// <summary>Leaves what nobody answered to a successor.</summary>
    internal void LeaveAll()
    {
        foreach (OndemandRequest request in _unanswered.Values)
            request.Leave();
        foreach (CacheObject target in session.Objects)
            session.Forget(target.Id)?.Close();
    }

    private void Add(OndemandRequest request)
    {
        _unanswered[request.MessageId] = request;
        // The stream has ended: nobody will take it.
        if (!_requests.Writer.TryWrite(request))
            request.Dispose();
    }
}
