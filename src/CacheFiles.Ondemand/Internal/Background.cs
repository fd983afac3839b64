namespace CacheFiles.Ondemand.Internal;

/// <summary>What is not waited for, because a caller's code takes part in it: that may block, or throw.</summary>
internal static class Background
{
    internal static void Cancel(CancellationTokenSource source) => ThreadPool.UnsafeQueueUserWorkItem(
        static s =>
        {
            try
            {
                s.Cancel();
            }
            catch (AggregateException)
            {
                // Of what was registered for the cancellation: its own affair.
            }
        },
        source,
        preferLocal: false);

    /// <summary>Takes notice of an exception that nobody else will look at.</summary>
    internal static void Forget(Task task)
        => task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
