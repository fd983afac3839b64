using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Tests;

/// <summary>What Bind says without a device.</summary>
public sealed class BindTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("bind").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_device_that_is_not_there_says_how_to_get_one()
    {
        ErrnoException failure = Assert.Throws<ErrnoException>(() => Bind(Path.Combine(_directory, "nodevice"), _directory));
        Assert.Equal(Errno.ENOENT, failure.Errno);
        Assert.Contains("modprobe cachefiles", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_given_as_the_device_is_refused_and_not_written_to()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "precious");
        ErrnoException failure = Assert.Throws<ErrnoException>(() => Bind(file, _directory));
        Assert.Equal(Errno.EPERM, failure.Errno);
        Assert.Contains("not the cachefiles device", failure.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(file));
    }

    [Fact]
    public void A_device_that_was_refused_is_closed()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        Assert.Throws<ErrnoException>(() => Bind(file, _directory));
        Assert.DoesNotContain(DeviceHolder.Find(file), holder => holder.ProcessId == Environment.ProcessId);
    }

    [Theory]
    [InlineData("cache")]
    [InlineData("")]
    [InlineData("./cache")]
    public void A_cache_directory_that_is_not_absolute_is_refused_before_the_device_is_opened(string directory)
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => Bind("/nonexistent/device", directory));
        Assert.Contains("absolute", failure.Message, StringComparison.Ordinal);
    }

    private static void Bind(string device, string directory)
        => OndemandCache.Bind(new() { DevicePath = device, CacheDirectory = directory });
}
