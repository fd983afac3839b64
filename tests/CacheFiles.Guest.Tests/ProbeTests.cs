using CacheFiles.Guest.Tests.Support;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests;

/// <summary>The sample <c>Probe</c> where everything is there. What it says where something is missing: ModuleTests.</summary>
public class ProbeTests
{
    private const string Kernel =
        "kernel=Yes module-cachefiles=Yes ondemand=Yes restore=Yes module-erofs=Yes erofs-fsid=Yes erofs-domain=Yes compressed-images=No device=Yes ";

    [GuestFact]
    public async Task Root_can_serve_and_an_ordinary_user_learns_what_he_lacks_and_what_he_cannot_see()
    {
        ProbeReport[] reports = await Task.WhenAll(
            ProbeReport.OfAsync(), ProbeReport.OfAsync("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        (ProbeReport root, ProbeReport user) = (reports[0], reports[1]);

        Assert.Equal($"{Kernel}capability=Yes device-free=Yes open-files=Yes cache-directory=Yes access-times=Yes", root.Verdicts());
        Assert.Equal((0, "yes"), (root.Status, root.Verdict));
        Assert.Contains(GuestMachine.IsLinux61 ? "cannot be read" : "not fixed", root["compressed-images"].Reason, StringComparison.Ordinal);
        Assert.Contains(GuestMachine.IsLinux61 ? "6.1." : "6.12.", root["kernel"].Reason, StringComparison.Ordinal);
        Assert.EndsWith("is on ext4", root["cache-directory"].Reason, StringComparison.Ordinal);

        Assert.Equal($"{Kernel}capability=No device-free=Unknown open-files=Yes cache-directory=Yes access-times=Yes", user.Verdicts());
        Assert.Equal((1, "no"), (user.Status, user.Verdict));
        Assert.All(user.Checks.Where(c => c.Verdict != SupportVerdict.Yes), c => Assert.NotNull(c.Remedy));
    }

    [GuestFact]
    public async Task Who_holds_the_device_is_named()
    {
        await using TestDaemon daemon = TestDaemon.Start();

        ProbeReport report = await ProbeReport.OfAsync();

        Assert.Equal($"{Kernel}capability=Yes device-free=No open-files=Yes cache-directory=Yes access-times=Yes", report.Verdicts());
        Assert.Equal((1, "no"), (report.Status, report.Verdict));
        Assert.StartsWith($"held by process {Environment.ProcessId} (", report["device-free"].Reason, StringComparison.Ordinal);
        Assert.Contains("CacheFiles.Guest.Tests", report["device-free"].Reason, StringComparison.Ordinal);
    }
}
