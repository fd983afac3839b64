namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>What an object's descriptor is like.</summary>
internal enum ObjectState
{
    /// <summary>There is none: the daemon has not answered the OPEN, or has closed it since.</summary>
    Closed,

    /// <summary>The daemon has it.</summary>
    Open,

    /// <summary>A READ found it closed: a new OPEN is under way, and READs wait for it.</summary>
    Reopening,

    /// <summary>The last mount is gone.</summary>
    Dropping,
}
