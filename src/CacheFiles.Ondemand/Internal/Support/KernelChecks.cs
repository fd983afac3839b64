namespace CacheFiles.Ondemand.Internal;

/// <summary>What the kernel has of cachefiles and EROFS.</summary>
internal static class KernelChecks
{
    // docs/protocol.md says where each comes from.
    private static readonly Version s_first = new(5, 19);
    private static readonly Version s_last = new(7, 1, 7);
    private static readonly Version s_domain = new(6, 1);
    private static readonly Version s_compressed = new(6, 9);

    internal static IEnumerable<SupportCheck> Run(Machine machine)
    {
        yield return KernelVersion(machine);
        yield return Module(machine, "cachefiles");
        yield return Feature(
            machine, "ondemand", "cachefiles", "cachefiles_ondemand_daemon_read", "CONFIG_CACHEFILES_ONDEMAND", "on-demand reading in cachefiles", required: true);
        yield return Feature(
            machine, "restore", "cachefiles", "cachefiles_ondemand_restore", null, "restore, by which a new daemon takes over from a dead one (Linux 6.8, or a stable kernel that has it)", required: false);
        yield return Module(machine, "erofs");
        yield return Feature(
            machine, "erofs-fsid", "erofs", "erofs_fscache_register_fs", "CONFIG_EROFS_FS_ONDEMAND", "mounting EROFS with fsid=", required: true);
        yield return Domain(machine);
        yield return Compressed(machine);
    }

    private static SupportCheck KernelVersion(Machine machine)
    {
        const string Name = "kernel";
        var release = machine.Release;
        if (machine.KernelVersion is not { } version)
            return new(Name, SupportVerdict.Unknown, $"the release '{release}' has no number", null, Required: true);
        if (version < s_first)
            return new(Name, SupportVerdict.No, $"{release} is older than 5.19, which brought the mode", "use Linux 6.1 or later, up to 7.1.7", Required: true);
        if (Trim(version) > s_last)
        {
            return new(
                Name,
                SupportVerdict.No,
                $"{release} is newer than 7.1.7: 7.1.8 and 7.2 removed EROFS over cachefiles",
                "use an LTS kernel (6.1, 6.6, 6.12, 6.18), or EROFS mounted from a file with fanotify pre-content events, its successor",
                Required: true);
        }
        return new(Name, SupportVerdict.Yes, $"{release} is between 5.19 and 7.1.7", null, Required: true);
    }

    private static SupportCheck Module(Machine machine, string module)
    {
        if (machine.HasModule(module))
            return new($"module-{module}", SupportVerdict.Yes, "it is loaded or built in", null, Required: true);
        return machine.CanLoad(module) switch
        {
            true => new($"module-{module}", SupportVerdict.No, "it is installed and not loaded", $"modprobe {module}", Required: true),
            false => new($"module-{module}", SupportVerdict.No, $"this kernel has no module {module}", $"use a kernel built with {(module == "erofs" ? "CONFIG_EROFS_FS" : "CONFIG_CACHEFILES")}", Required: true),
            _ => new($"module-{module}", SupportVerdict.No, $"it is not loaded, and whether it is installed cannot be seen: there is no list in /lib/modules/{machine.Release}", $"modprobe {module}; in a container, do so outside", Required: true),
        };
    }

    /// <summary>A feature shows by a function of its own in the running kernel; where the module is not loaded yet, by its build option.</summary>
    private static SupportCheck Feature(Machine machine, string name, string module, string function, string? option, string what, bool required)
    {
        if (machine.HasModule(module) && machine.HasFunction(function) is { } present)
        {
            return present
                ? new(name, SupportVerdict.Yes, $"the kernel has {function}", null, required)
                : new(name, SupportVerdict.No, $"the kernel has no {function}: {what} is missing", option is null ? "use a kernel that has it" : $"use a kernel built with {option}=y", required);
        }
        if (option is not null && machine.BuildOption(option) is { } value)
        {
            return value == "y"
                ? new(name, SupportVerdict.Yes, $"the kernel was built with {option}=y", null, required)
                : new(name, SupportVerdict.No, $"the kernel was built without {option}", $"use a kernel built with {option}=y", required);
        }
        if (!machine.HasModule(module) && machine.CanLoad(module) == false)
            return new(name, SupportVerdict.No, $"this kernel has no module {module}", $"use a kernel built with {option ?? "it"}", required);
        return new(name, SupportVerdict.Unknown, $"the module {module} is not loaded, so nothing shows {what}", $"modprobe {module}, then look again", required);
    }

    private static SupportCheck Domain(Machine machine)
    {
        const string Name = "erofs-domain";
        SupportCheck fsid = Feature(machine, Name, "erofs", "erofs_fscache_register_fs", "CONFIG_EROFS_FS_ONDEMAND", "mounting EROFS with domain_id=", required: false);
        return fsid.Verdict == SupportVerdict.Yes && machine.KernelVersion is { } version && version < s_domain
            ? fsid with { Verdict = SupportVerdict.No, Reason = "domain_id= came with Linux 6.1", Remedy = "mount each image by itself, or use Linux 6.1" }
            : fsid;
    }

    private static SupportCheck Compressed(Machine machine)
    {
        const string Name = "compressed-images";
        if (machine.KernelVersion is not { } version)
            return new(Name, SupportVerdict.Unknown, "the kernel's version is unknown", null, Required: false);
        return version < s_compressed
            ? new(Name, SupportVerdict.No, "before Linux 6.9 compressed files cannot be read in this mode", "make uncompressed images", Required: false)
            : new(
                Name,
                SupportVerdict.No,
                "they can be read, with a bug that is not fixed: a read that is partly cached can hang or give wrong bytes",
                "make uncompressed images",
                Required: false);
    }

    /// <summary>A version without its third number is the first of its series.</summary>
    private static Version Trim(Version version) => new(version.Major, version.Minor, Math.Max(0, version.Build));
}
