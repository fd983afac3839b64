namespace CacheFiles.Ondemand.Testing;

/// <summary>What a daemon asks of the kernel, to say where a <see cref="FaultPlan"/> strikes.</summary>
public enum KernelVerb
{
    /// <summary>Opening the device.</summary>
    OpenDevice,

    /// <summary>Taking the next request, read(2), where there is one. EMSGSIZE, EINTR, EAGAIN and EIO leave the request queued; any other errno fails it as well,
    /// as EMFILE does when no descriptor is free for an OPEN.</summary>
    ReadRequest,

    /// <summary>Answering an OPEN, <c>copen</c>. The OPEN stays unanswered.</summary>
    CompleteOpen,

    /// <summary>Writing to an object. Nothing is written.</summary>
    Write,

    /// <summary>Releasing the reader of a READ. It is not released.</summary>
    CompleteRead,

    /// <summary><c>bind</c>.</summary>
    Bind,

    /// <summary>Every other command: <c>dir</c>, <c>tag</c>, <c>secctx</c>, <c>debug</c>, the six limits, <c>cull</c>, <c>inuse</c>, <c>restore</c>.</summary>
    Command,
}
