using Microsoft.Extensions.Logging;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Every log message, with an id of its own.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Bound a cache in {Directory} on {Device}")]
    internal static partial void Bound(ILogger logger, string directory, string device);

    [LoggerMessage(2, LogLevel.Information, "Stopped serving")]
    internal static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Debug, "Opened {Key}, {Length} bytes, as object {ObjectId}")]
    internal static partial void Opened(ILogger logger, ObjectKey key, long length, uint objectId);

    [LoggerMessage(4, LogLevel.Debug, "Refused {Key}: no such object")]
    internal static partial void Refused(ILogger logger, ObjectKey key);

    [LoggerMessage(5, LogLevel.Debug, "Closed {Key}")]
    internal static partial void Closed(ILogger logger, ObjectKey key);

    [LoggerMessage(6, LogLevel.Warning, "{Fault}")]
    internal static partial void Fault(ILogger logger, OndemandFault fault, Exception? exception);

    [LoggerMessage(7, LogLevel.Information, "Adopted the cache in {Directory} on {Device}")]
    internal static partial void Adopted(ILogger logger, string directory, string device);

    [LoggerMessage(8, LogLevel.Information, "Handed over; {Left} requests are left to the successor")]
    internal static partial void HandedOver(ILogger logger, int left);
}
