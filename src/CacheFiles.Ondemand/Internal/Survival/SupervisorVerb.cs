namespace CacheFiles.Ondemand.Internal;

/// <summary>The messages of the supervisor's protocol. A connection carries one request and its answer.</summary>
internal enum SupervisorVerb : byte
{
    /// <summary>Answer: done.</summary>
    Done = 1,

    /// <summary>Answer: refused; the payload says why, in UTF-8.</summary>
    Refused = 2,

    /// <summary>Answer to <see cref="Take"/>: the device, with the state as payload.</summary>
    Device = 3,

    /// <summary>Request: the device, once the one who serves now has gone. The payload is the newest format of states that is understood, one byte.</summary>
    Take = 16,

    /// <summary>Request: keep this device, with the state as payload.</summary>
    Keep = 17,

    /// <summary>Request: the state is this now.</summary>
    Update = 18,

    /// <summary>Request: let go.</summary>
    Drop = 19,

    /// <summary>Request: note that the sender serves now.</summary>
    Serving = 20,

    /// <summary>Request: note that the sender ends.</summary>
    Stopping = 21,

    /// <summary>Request: start another program in place of the one that serves; its arguments are the payload, each ended by a NUL.</summary>
    Upgrade = 22,
}
