using System.Globalization;
using System.Text;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Configures a freshly opened device and binds the cache.</summary>
internal static class CacheBinder
{
    internal static ReadOnlySpan<byte> BindCommand => "bind ondemand"u8;

    /// <summary>Opens the device, and says who holds it when it is busy.</summary>
    internal static DeviceHandle Open(string path)
    {
        try
        {
            return DeviceHandle.Open(path);
        }
        catch (ErrnoException e) when (e.Errno == Errno.EBUSY && DeviceHolder.Find(path) is [_, ..] holders)
        {
            throw new ErrnoException(e.Errno, e.Operation, $"It is held by {string.Join(", ", holders)}: stop that first");
        }
    }

    /// <summary>Sees to it that the directory can be a cache, with a clearer answer than the kernel's.</summary>
    internal static void CheckDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException(File.Exists(directory)
                ? $"The cache directory {directory} is a file: name a directory on ext4, xfs or btrfs."
                : $"The cache directory {directory} does not exist: create it, on ext4, xfs or btrfs.");
        }
    }

    /// <summary>Configures the device and binds the cache, or goes on where a predecessor that wanted the same has ended in the middle of that.</summary>
    /// <param name="command">Writes one command to the device, and throws where the kernel refuses it.</param>
    /// <param name="options">The cache.</param>
    internal static void Bind(Action<string> command, OndemandOptions options)
    {
        if (options.Limits is { } limits)
        {
            SetLimits(command, 'b', limits.StopBlocksPercent, limits.CullBlocksPercent, limits.RunBlocksPercent);
            SetLimits(command, 'f', limits.StopFilesPercent, limits.CullFilesPercent, limits.RunFilesPercent);
        }
        if (options.Tag is { } tag)
            SetOnce($"tag {tag}");
        if (options.SecurityContext is { } context)
            command($"secctx {context}");
        if (options.DebugMask is { } mask)
            command(string.Create(CultureInfo.InvariantCulture, $"debug {mask}"));
        SetOnce($"dir {options.CacheDirectory}");
        command(Encoding.ASCII.GetString(BindCommand));

        void SetOnce(string once)
        {
            try
            {
                command(once);
            }
            catch (ErrnoException e) when (e.Errno == Errno.EEXIST)
            {
                // On a device that was kept; the caller knows that it wanted the same.
            }
        }
    }

    /// <summary>The kernel checks each limit against the two others as they are at that moment, at first 1, 5 and 7: those that give room go first.</summary>
    private static void SetLimits(Action<string> command, char kind, int stop, int cull, int run)
    {
        if (stop < 1)
            Set("stop", stop);
        if (run > 7)
            Set("run", run);
        Set("cull", cull);
        Set("run", run);
        Set("stop", stop);

        void Set(string name, int percent) => command(string.Create(CultureInfo.InvariantCulture, $"{kind}{name} {percent}%"));
    }
}
