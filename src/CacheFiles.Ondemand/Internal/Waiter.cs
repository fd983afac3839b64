namespace CacheFiles.Ondemand.Internal;

/// <summary>A READ that has not been completed: which fetches it waits for, and until when.</summary>
/// <remarks>Its fields are guarded by its object; once it is taken they belong to whoever did.</remarks>
internal sealed class Waiter(FetchEngine engine) : IThreadPoolWorkItem
{
    internal CacheObject Object { get; private set; } = null!;

    internal uint MessageId { get; private set; }

    /// <summary>The page-aligned range that is asked for.</summary>
    internal ByteRange Range { get; private set; }

    /// <summary>When it is to be released in any case: <see cref="Environment.TickCount64"/>.</summary>
    internal long Deadline { get; private set; }

    /// <summary>When it was read off the device, 0 where nobody measures.</summary>
    internal long ReceivedAt { get; private set; }

    /// <summary>Fetches that still owe it something.</summary>
    internal int Pending { get; set; }

    /// <summary>Why a part of it did not come.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>Whether that was a fetch made for this READ, and not one that it had only joined.</summary>
    internal bool FailedOwn { get; set; }

    /// <summary>Whether what another one's fetch did not deliver was asked for once more.</summary>
    internal bool Retried { get; set; }

    /// <summary>Whether somebody has taken it to answer it; from then on nothing may be done for it by others.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>Bytes of the cache that are reserved for it.</summary>
    internal long Reserved { get; set; }

    internal Waiter? Previous { get; set; }

    internal Waiter? Next { get; set; }

    internal void Begin(CacheObject target, uint messageId, ByteRange range, long deadline)
    {
        Object = target;
        MessageId = messageId;
        Range = range;
        Deadline = deadline;
        ReceivedAt = Telemetry.Timestamp;
        Pending = 0;
        Failure = null;
        FailedOwn = false;
        Retried = false;
        Reserved = 0;
    }

    /// <summary>Lets go of the object, for the pool.</summary>
    internal void Reset()
    {
        Object = null!;
        Failure = null;
    }

    void IThreadPoolWorkItem.Execute() => engine.Start(this);
}
