using Microsoft.Extensions.Logging;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>A logger that fails whatever it is asked.</summary>
internal sealed class BrokenLogger : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw new InvalidOperationException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information ? true : throw new InvalidOperationException();

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => throw new InvalidOperationException();
}
