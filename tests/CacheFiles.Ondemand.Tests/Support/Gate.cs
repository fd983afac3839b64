namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>Something stops here until the test lets it go on.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody has come.</summary>
    internal Task Reached => Bounded.Of(_reached.Task);

    internal void Open() => _open.TrySetResult();

    /// <summary>Comes, and waits for it to be opened.</summary>
    internal Task Pass(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        return _open.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The same, and whatever is cancelled does not matter.</summary>
    internal Task Hold()
    {
        _reached.TrySetResult();
        return _open.Task;
    }

    /// <summary>The same with the thread blocked.</summary>
    internal void Block()
    {
        _reached.TrySetResult();
        _open.Task.Wait(CancellationToken.None);
    }
}
