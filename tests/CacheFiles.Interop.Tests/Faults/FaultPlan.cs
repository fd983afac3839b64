using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Tests.Faults;

/// <summary>Plans what the calls of this thread do in <c>faults.c</c>. Works within <see cref="FaultyLibc.Run"/> only.</summary>
internal static class FaultPlan
{
    internal enum Call
    {
        Read,
        Write,
        PWrite,
        Ioctl,
        EpollWait,
        Close,
        EpollCreate,
        EventFd,
        Mount,
        Umount,
    }

    /// <summary>The name of the library for the imports below.</summary>
    internal const string Library = "faults";

    internal static void Reset() => faults_reset();

    /// <summary>Lets the next call that has no plan yet fail, as often as asked.</summary>
    internal static void Fail(Call call, Errno error, int times = 1)
    {
        for (var i = 0; i < times; i++)
            faults_plan((int)call, (int)error, 0);
    }

    /// <summary>Lets the next call that has no plan yet take no more than this many bytes.</summary>
    internal static void Shorten(Call call, int most) => faults_plan((int)call, 0, most);

    /// <summary>How many were made since <see cref="Reset"/>.</summary>
    internal static int Count(Call call) => faults_calls((int)call);

    /// <summary>What the calls were asked to take, and where.</summary>
    internal static IEnumerable<(long Offset, long Size)> Asked(Call call)
        => Enumerable.Range(0, Count(call)).Select(index => ((long)faults_offset((int)call, index), (long)faults_size((int)call, index)));

    /// <summary>The arguments of the last mount or unmount.</summary>
    internal static string? Mounted() => Marshal.PtrToStringUTF8(faults_mounted());

    [DllImport(Library)]
    private static extern nint faults_mounted();

    [DllImport(Library)]
    private static extern void faults_reset();

    [DllImport(Library)]
    private static extern void faults_plan(int call, int error, nint most);

    [DllImport(Library)]
    private static extern int faults_calls(int call);

    [DllImport(Library)]
    private static extern nint faults_size(int call, int index);

    [DllImport(Library)]
    private static extern nint faults_offset(int call, int index);
}
