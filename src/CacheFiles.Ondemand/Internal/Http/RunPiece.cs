namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>One fetch as a part of its run.</summary>
/// <param name="range">What is fetched.</param>
/// <param name="start">Where its run began.</param>
/// <param name="asksAhead">Whether it asks for more than its range.</param>
/// <param name="before">What the fetch before it leaves, or null.</param>
/// <param name="leave">Tells the run that it is under way no more.</param>
internal sealed class RunPiece(ByteRange range, long start, bool asksAhead, Task<ResponseTail?>? before, Action leave)
{
    // What is asked for in vain, where the reader stops, stays in proportion to what it has read.
    private const int Growth = 16;

    private readonly TaskCompletionSource<ResponseTail?> _tail = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ResponseTail? _left;
    private bool _isDelivered;

    /// <summary>What this fetch leaves. Completes when it has ended.</summary>
    internal Task<ResponseTail?> Tail => _tail.Task;

    /// <summary>Where a request ends.</summary>
    /// <param name="position">Where it begins.</param>
    /// <param name="length">The length of the object.</param>
    /// <param name="most">Bytes that are asked for beyond the range at most.</param>
    internal long AskEnd(long position, long length, long most)
        => asksAhead ? Math.Clamp(position + Growth * (position - start), range.End, Math.Min(length, range.End + most)) : range.End;

    /// <summary>Waits for what the fetch before it leaves.</summary>
    internal async ValueTask<ResponseTail?> TakeAsync(CancellationToken cancellationToken)
    {
        if (before is null)
            return null;
        // Where this is cancelled nobody takes what comes later, and it goes by itself.
        return await before.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All of the range has come: a reader who gets it may ask for what is next before this fetch has ended.</summary>
    internal void Delivered()
    {
        if (_isDelivered)
            return;
        _isDelivered = true;
        leave();
    }

    /// <summary>Leaves a response to whoever fetches what comes next.</summary>
    internal void Leave(Exchange exchange, long end) => _left = new ResponseTail(exchange, end);

    /// <summary>The fetch has ended.</summary>
    internal void End()
    {
        Delivered();
        _tail.SetResult(_left);
    }
}
