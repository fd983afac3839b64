using System.Globalization;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Whether this process could take the device.</summary>
internal static class DeviceChecks
{
    private const int CAP_SYS_ADMIN = 21;

    // Each open object takes a descriptor, and so may its source.
    private const long EnoughFiles = 65536;

    internal static IEnumerable<SupportCheck> Run(Machine machine, string devicePath)
    {
        yield return Node(machine, devicePath);
        yield return Capability(machine);
        yield return Holder(devicePath);
        yield return Files(machine);
    }

    private static SupportCheck Node(Machine machine, string path) => machine.Exists(path)
        ? new("device", SupportVerdict.Yes, $"{path} is there", null, Required: true)
        : new("device", SupportVerdict.No, $"there is no {path}", "modprobe cachefiles; in a container, pass the device in", Required: true);

    private static SupportCheck Capability(Machine machine)
    {
        const string Name = "capability";
        var line = machine.Lines("/proc/self/status")?.FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        if (line is null || !ulong.TryParse(line.AsSpan("CapEff:".Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var capabilities))
            return new(Name, SupportVerdict.Unknown, "/proc/self/status does not tell", null, Required: true);
        return (capabilities >> CAP_SYS_ADMIN & 1) != 0
            ? new(Name, SupportVerdict.Yes, "this process has CAP_SYS_ADMIN", null, Required: true)
            : new(Name, SupportVerdict.No, "this process has no CAP_SYS_ADMIN", "run as root, or give the service that capability", Required: true);
    }

    private static SupportCheck Holder(string path)
    {
        const string Name = "device-free";
        IReadOnlyList<DeviceHolder> holders = DeviceHolder.Find(path, out var sawAll);
        if (holders.Count > 0)
            return new(Name, SupportVerdict.No, $"held by {string.Join(", ", holders)}", "stop it: a machine has one device, and one daemon", Required: true);
        return sawAll
            ? new(Name, SupportVerdict.Yes, "no process that can be seen from here holds the device", null, Required: true)
            : new(Name, SupportVerdict.Unknown, "what processes of other users have open cannot be seen", "look again as root", Required: true);
    }

    private static SupportCheck Files(Machine machine)
    {
        const string Name = "open-files";
        var words = machine.Lines("/proc/self/limits")?.FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal))
            ?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [_, _, _, var limit, ..])
            return new(Name, SupportVerdict.Unknown, "/proc/self/limits does not tell", null, Required: false);
        return limit == "unlimited" || (long.TryParse(limit, CultureInfo.InvariantCulture, out var files) && files >= EnoughFiles)
            ? new(Name, SupportVerdict.Yes, $"RLIMIT_NOFILE is {limit}", null, Required: false)
            : new(Name, SupportVerdict.No, $"RLIMIT_NOFILE is {limit}; each open object takes a descriptor, and one of its source", $"raise it to {EnoughFiles} (LimitNOFILE= in a unit)", Required: false);
    }
}
