using System.Globalization;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand;

/// <summary>A process that keeps the cachefiles device busy: it has the device open, or the anonymous fd of one of its objects.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Command">Its command line, with spaces between the arguments; its name where it has none.</param>
public sealed record DeviceHolder(int ProcessId, string Command)
{
    /// <summary>What every anonymous fd of cachefiles is a link to in <c>/proc/PID/fd</c>.</summary>
    private const string AnonymousFd = "anon_inode:[cachefiles]";

    /// <summary>Searches <c>/proc</c> for the processes that hold the device.</summary>
    /// <param name="devicePath">The device node.</param>
    /// <returns>Those that can be seen: a process without privilege sees only its own user's, and one in a container only the container's.</returns>
    public static IReadOnlyList<DeviceHolder> Find(string devicePath = DeviceHandle.DefaultPath) => Find(devicePath, out _);

    /// <param name="devicePath">The device node.</param>
    /// <param name="sawAll">Whether there was no process whose descriptors must not be seen.</param>
    internal static IReadOnlyList<DeviceHolder> Find(string devicePath, out bool sawAll)
    {
        ArgumentException.ThrowIfNullOrEmpty(devicePath);
        var device = Path.GetFullPath(devicePath);
        if (File.Exists(device))
            device = File.ResolveLinkTarget(device, returnFinalTarget: true)?.FullName ?? device;
        var holders = new List<DeviceHolder>();
        sawAll = true;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;
            var holds = Holds(directory, device);
            sawAll &= holds is not null;
            if (holds == true)
                holders.Add(new DeviceHolder(id, CommandOf(directory)));
        }
        return holders;
    }

    /// <summary>The process in one line, for a message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {ProcessId} ({Command})");

    /// <returns>Null where its descriptors must not be seen.</returns>
    private static bool? Holds(string process, string device)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Select(static fd => new FileInfo(fd).LinkTarget)
                .Any(target => target == device || target == AnonymousFd);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string CommandOf(string process)
    {
        try
        {
            var arguments = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            var text = arguments.Length > 0 ? string.Join(' ', arguments) : File.ReadAllText(Path.Combine(process, "comm"));
            return string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "ended meanwhile";
        }
    }
}
