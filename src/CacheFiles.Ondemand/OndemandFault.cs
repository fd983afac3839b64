namespace CacheFiles.Ondemand;

/// <summary>What part of the work a fault comes from.</summary>
public enum FaultSource
{
    /// <summary>The kernel sent a message that cannot be understood, or of an unknown kind.</summary>
    Message,

    /// <summary>A READ for an object that is not open here.</summary>
    UnknownObject,

    /// <summary>An OPEN could not be answered with a length: the fetcher failed, or the kernel refused the answer.</summary>
    Open,

    /// <summary>The fetcher failed, or delivered too little or too much.</summary>
    Fetch,

    /// <summary>A READ was not served before its deadline; its reader got EIO.</summary>
    Deadline,

    /// <summary>The kernel refused to take bytes into the cache.</summary>
    Write,

    /// <summary>The cache needs room and none can be made. Told once, until there is room again.</summary>
    Space,

    /// <summary>A READ was completed when nobody waited any more: its reader was killed, or it was answered before. Harmless.</summary>
    LateCompletion,

    /// <summary>The device failed.</summary>
    Device,

    /// <summary>The keeper of the device could not be told something, or what it kept cannot be adopted.</summary>
    Keeper,
}

/// <summary>Something went wrong. The daemon goes on; whoever waited was answered.</summary>
/// <param name="Source">Where.</param>
/// <param name="Message">What, for people.</param>
/// <param name="Key">The object, where one is known.</param>
/// <param name="Range">The range, where there is one.</param>
/// <param name="Exception">The cause, where there is one.</param>
public sealed record OndemandFault(FaultSource Source, string Message, ObjectKey? Key = null, ByteRange? Range = null, Exception? Exception = null)
{
    /// <summary>The fault in one line.</summary>
    public override string ToString()
    {
        var where = Key is null ? "" : Range is null ? $" {Key}" : $" {Key} {Range}";
        var cause = Exception is null ? "" : $": {Exception.Message}";
        return $"{Source}{where}: {Message}{cause}";
    }
}
