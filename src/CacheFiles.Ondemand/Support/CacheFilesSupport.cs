using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>What this machine can do for on-demand caching, and what is to be done where it cannot.</summary>
/// <remarks>Looking changes nothing: no module is loaded, the device is not opened, nothing is bound or mounted.</remarks>
public sealed class CacheFilesSupport
{
    private CacheFilesSupport(IReadOnlyList<SupportCheck> checks) => Checks = checks;

    /// <summary>Every check, those on which others build first.</summary>
    public IReadOnlyList<SupportCheck> Checks { get; }

    /// <summary>Yes where everything that is required is there, no where something is missing, unknown where it could not be found out.</summary>
    public SupportVerdict Verdict
    {
        get
        {
            SupportVerdict[] required = [.. Checks.Where(c => c.Required).Select(c => c.Verdict)];
            return required.Contains(SupportVerdict.No) ? SupportVerdict.No
                : required.Contains(SupportVerdict.Unknown) ? SupportVerdict.Unknown
                : SupportVerdict.Yes;
        }
    }

    /// <summary>Looks at the machine.</summary>
    /// <param name="cacheDirectory">Where the cache is to be; null to leave that out.</param>
    /// <param name="devicePath">The device node.</param>
    public static CacheFilesSupport Probe(string? cacheDirectory = null, string devicePath = Interop.DeviceHandle.DefaultPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(devicePath);
        return Probe(new Machine("/"), cacheDirectory, devicePath);
    }

    internal static CacheFilesSupport Probe(Machine machine, string? cacheDirectory, string devicePath)
    {
        var checks = new List<SupportCheck>();
        checks.AddRange(KernelChecks.Run(machine));
        checks.AddRange(DeviceChecks.Run(machine, devicePath));
        if (cacheDirectory is not null)
            checks.AddRange(DirectoryChecks.Run(machine, cacheDirectory));
        return new CacheFilesSupport(checks);
    }
}
