using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>Holds the fetches of one blob up until it is opened: <see cref="TestFetcher.BeforeFetch"/>.</summary>
internal sealed class Gate(string name)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a fetch stands before the gate.</summary>
    internal Task Reached => Bounded.Within("no fetch comes", _reached.Task);

    internal void Open() => _opened.TrySetResult();

    internal async Task PassAsync(ObjectKey key, ByteRange range, CancellationToken cancelled)
    {
        if (key.CookieText != name)
            return;
        _reached.TrySetResult();
        await _opened.Task.WaitAsync(cancelled);
    }
}
