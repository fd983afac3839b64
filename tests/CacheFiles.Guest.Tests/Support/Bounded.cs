namespace CacheFiles.Guest.Tests.Support;

/// <summary>Waits that end.</summary>
internal static class Bounded
{
    /// <summary>Much longer than anything takes, on a busy emulated machine too: only what hangs is stopped by it.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Makes a call of the kernel on a thread of its own, and leaves it behind when it hangs.</summary>
    internal static Task CallAsync(string what, Action call, TimeSpan? limit = null)
        => Within(what, Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), limit);

    internal static async Task Within(string what, Task task, TimeSpan? limit = null)
    {
        await Task.WhenAny(task, Task.Delay(limit ?? Limit));
        Assert.True(task.IsCompleted, $"hangs: {what}");
        await task;
    }

    internal static async Task<T> Within<T>(string what, Task<T> task)
    {
        await Within(what, (Task)task);
        return await task;
    }

    /// <summary>Looks again and again for something that nothing signals.</summary>
    internal static Task Until(string what, Func<bool> condition, TimeSpan? limit = null) => Until(() => what, condition, limit);

    /// <summary>The same, where what did not come is told by how it was at the end.</summary>
    internal static async Task Until(Func<string> what, Func<bool> condition, TimeSpan? limit = null)
    {
        var end = Environment.TickCount64 + (long)(limit ?? Limit).TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, $"never came: {what()}");
            await Task.Delay(5);
        }
    }
}
