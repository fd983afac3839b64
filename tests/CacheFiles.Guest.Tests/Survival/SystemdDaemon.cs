using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>systemd keeps the device, with the unit of docs/operating.md.</summary>
internal sealed class SystemdDaemon(string[] settings) : KeptDaemon("systemd", settings)
{
    internal const string RuntimeDirectory = "/run/kept";
    internal const string Unit = "kept.service";

    internal override int KeeperId => 1;

    internal static Task<string> ControlAsync(params string[] arguments) => Child.SucceedAsync("/", "systemctl", [.. arguments, Unit]);

    internal static async Task<string> PropertyAsync(string name) => (await ControlAsync("show", "--value", "-p", name)).Trim();

    protected override async Task BeginAsync()
    {
        await File.WriteAllTextAsync($"/run/systemd/system/{Unit}", $"""
            [Unit]
            StartLimitIntervalSec=0
            [Service]
            Type=notify
            NotifyAccess=main
            ExecStart={string.Join(' ', Command)}
            FileDescriptorStoreMax=1
            Restart=always
            RestartSec=0
            TimeoutStartSec=300
            WatchdogSec=10
            RuntimeDirectory=kept
            RuntimeDirectoryPreserve=restart
            Environment=DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
            StandardOutput=append:{Log.Path}
            StandardError=inherit
            """);
        await Child.SucceedAsync("/", "systemctl", "daemon-reload");
        await ControlAsync("start");
    }

    protected override async Task EndAsync()
    {
        await ControlAsync("stop");
        File.Delete($"/run/systemd/system/{Unit}");
    }
}
