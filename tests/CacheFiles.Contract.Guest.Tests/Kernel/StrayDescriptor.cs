using CacheFiles.Interop;
using CacheFiles.Interop.Internal;
using CacheFiles.Ondemand.Internal;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Contract.Kernel;

/// <summary>Another descriptor of an object, of which the library knows nothing.</summary>
internal sealed class StrayDescriptor : IDisposable
{
    private const int F_DUPFD = 0;

    private StrayDescriptor(int number) => (Number, File) = (number, new SafeFileHandle(number, ownsHandle: true));

    internal int Number { get; }

    internal SafeFileHandle File { get; }

    /// <summary>Duplicates an object's descriptor, to a number that is far from those in use; programs that are started inherit it.</summary>
    internal static StrayDescriptor Of(IKernelObject file)
        => new(Sys.Check(Libc.fcntl((int)((RealObject)file).File.DangerousGetHandle(), F_DUPFD, 700), "fcntl(F_DUPFD)"));

    internal Errno Ioctl(uint request, nuint argument) => Libc.ioctl(Number, request, argument) == 0 ? Errno.None : Sys.LastError;

    internal Errno CompleteRead(uint messageId) => Ioctl(CacheFilesUapi.CACHEFILES_IOC_READ_COMPLETE, messageId);

    /// <summary>Makes a call of the runtime's that sets errno.</summary>
    internal static Errno Try(Action call)
    {
        try
        {
            call();
            return Errno.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (Errno)((e.InnerException ?? e).HResult & 0xffff);
        }
    }

    public void Dispose() => File.Dispose();
}
