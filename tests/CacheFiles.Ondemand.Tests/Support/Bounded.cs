namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>No test waits for ever.</summary>
internal static class Bounded
{
    /// <summary>For <c>[Fact(Timeout = …)]</c>, in milliseconds: longer than anything takes on a machine that is busy too.</summary>
    internal const int Test = 60_000;

    /// <summary>Fires when the test has taken too long.</summary>
    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits for what nothing signals.</summary>
    internal static async Task Until(Func<bool> condition, string what)
    {
        while (!condition())
        {
            Assert.False(Token.IsCancellationRequested, $"It did not happen in time: {what}.");
            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>Waits for a task, but not for ever.</summary>
    internal static Task Of(Task task) => task.WaitAsync(Token);

    /// <inheritdoc cref="Of(Task)"/>
    internal static Task<T> Of<T>(Task<T> task) => task.WaitAsync(Token);
}
