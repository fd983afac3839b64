using System.Threading.Tasks.Sources;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>A request of the kernel, and the task that waits for its answer.</summary>
/// <remarks>It is used again once its answer was taken, so that a READ allocates nothing.</remarks>
internal sealed class SimulatedRequest : IValueTaskSource<Errno>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<Errno> _waiting;
    private Errno _answer;

    internal uint Id { get; set; }

    internal uint Opcode { get; private set; }

    internal SimulatedObject Object { get; private set; } = null!;

    /// <summary>READ: the range.</summary>
    internal ByteRange Range { get; private set; }

    /// <summary>Whether the daemon has not read it yet, or is to read it once more.</summary>
    internal bool IsNew { get; set; }

    /// <summary>Its answer.</summary>
    internal ValueTask<Errno> Answer => new(this, _waiting.Version);

    internal void Begin(uint opcode, SimulatedObject target, ByteRange range)
    {
        _waiting.Reset();
        Opcode = opcode;
        Object = target;
        Range = range;
    }

    /// <summary>Answers it; who waits goes on on another thread, for the kernel's lock is held here.</summary>
    internal void Complete(Errno answer)
    {
        _answer = answer;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _waiting.SetResult(_answer);

    Errno IValueTaskSource<Errno>.GetResult(short token) => _waiting.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Errno>.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource<Errno>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _waiting.OnCompleted(continuation, state, token, flags);
}
