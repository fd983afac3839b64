using System.Diagnostics;

namespace CacheFiles.Ondemand.Tests;

/// <summary>A file stands in for the device node.</summary>
public sealed class DeviceHolderTests : IDisposable
{
    private readonly string _device = Path.GetTempFileName();

    public void Dispose() => File.Delete(_device);

    [Fact]
    public void A_device_that_nobody_has_open_has_no_holder()
        => Assert.DoesNotContain(DeviceHolder.Find(_device), holder => holder.ProcessId == Environment.ProcessId);

    [Fact]
    public void The_process_that_has_the_device_open_is_found_with_its_command_line()
    {
        using FileStream open = File.OpenRead(_device);
        DeviceHolder holder = Assert.Single(DeviceHolder.Find(_device), holder => holder.ProcessId == Environment.ProcessId);
        Assert.Contains("CacheFiles.Ondemand.Tests", holder.Command, StringComparison.Ordinal);
        Assert.Equal($"process {Environment.ProcessId} ({holder.Command})", holder.ToString());
    }

    [Fact]
    public void Another_process_is_found_with_its_command_line_in_one_line()
    {
        // The shell opens the file and then waits for a line that never comes; its command has a line end.
        var script = $"exec 9<'{_device}'\nread line";
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardInput = true })!;
        try
        {
            DeviceHolder[] found = [];
            Assert.True(SpinWait.SpinUntil(() => (found = [.. DeviceHolder.Find(_device).Where(holder => holder.ProcessId == shell.Id)]).Length > 0, TimeSpan.FromSeconds(30)));
            Assert.Equal($"sh -c exec 9<'{_device}' read line", Assert.Single(found).Command);
        }
        finally
        {
            shell.Kill();
            shell.WaitForExit();
        }
    }

    [Fact]
    public void A_link_to_the_device_stands_for_the_device()
    {
        var link = _device + ".link";
        File.CreateSymbolicLink(link, _device);
        try
        {
            using FileStream open = File.OpenRead(_device);
            Assert.Contains(DeviceHolder.Find(link), holder => holder.ProcessId == Environment.ProcessId);
        }
        finally
        {
            File.Delete(link);
        }
    }
}
