namespace CacheFiles.Ondemand.Internal;

/// <summary>Counts the calls that use the objects' descriptors. A descriptor that is disposed during a call is closed when the call ends,
/// and until then the kernel keeps the device for this process.</summary>
internal sealed class CallsUnderWay
{
    private int _count;

    internal void Enter() => Interlocked.Increment(ref _count);

    internal void Leave() => Interlocked.Decrement(ref _count);

    /// <summary>Waits until none is under way. What could only hang with the disk is left behind after a time.</summary>
    internal void WaitForNone(TimeSpan limit) => SpinWait.SpinUntil(() => Volatile.Read(ref _count) == 0, limit);
}
