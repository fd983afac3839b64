using System.ComponentModel;

namespace CacheFiles.Interop;

/// <summary>A call of the kernel failed.</summary>
/// <remarks><see cref="Exception.HResult"/> is the error number too, as in the framework's own I/O exceptions.</remarks>
public sealed class ErrnoException : IOException
{
    /// <summary>Describes a failed call.</summary>
    /// <param name="errno">The error number, taken right after the call.</param>
    /// <param name="operation">What was tried, for example <c>open(/dev/cachefiles)</c>.</param>
    /// <param name="remedy">What the reader of the message can do about it, or null.</param>
    public ErrnoException(Errno errno, string operation, string? remedy = null)
        : base(Describe(errno, operation, remedy), (int)errno)
    {
        Errno = errno;
        Operation = operation;
        Remedy = remedy;
    }

    /// <summary>The error number.</summary>
    public Errno Errno { get; }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>What can be done about it, or null where nothing better than the error itself is known.</summary>
    public string? Remedy { get; }

    private static string Describe(Errno errno, string operation, string? remedy)
    {
        var text = $"{operation}: {new Win32Exception((int)errno).Message} ({errno})";
        return remedy is null ? text : $"{text}. {remedy}";
    }
}
