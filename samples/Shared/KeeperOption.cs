using CacheFiles.Ondemand;

namespace CacheFiles.Samples;

/// <summary>The argument that says who keeps the device while the daemon is down.</summary>
internal static class KeeperOption
{
    private const string SupervisorPrefix = "supervisor:";

    internal static Option Option { get; } = new("--keeper", "WHO", "who keeps the device for the next start: systemd, supervisor:SOCKET or inherited");

    /// <param name="who">The keeper.</param>
    /// <param name="name">Where it was named, for the message.</param>
    /// <exception cref="UsageException">There is no such keeper, or it is not there.</exception>
    internal static IDeviceKeeper Create(string who, string name = "--keeper")
    {
        try
        {
            return who switch
            {
                "systemd" => new SystemdKeeper(),
                "inherited" => new InheritedKeeper(),
                _ when who.StartsWith(SupervisorPrefix, StringComparison.Ordinal) && who.Length > SupervisorPrefix.Length
                    => new SupervisorKeeper(Path.GetFullPath(who[SupervisorPrefix.Length..])),
                _ => throw new UsageException($"{name} is systemd, supervisor:SOCKET or inherited, not '{who}'"),
            };
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException($"{name} {who}: {e.Message}");
        }
    }
}
