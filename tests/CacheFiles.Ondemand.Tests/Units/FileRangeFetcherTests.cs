using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Units;

public sealed class FileRangeFetcherTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("blobs").FullName;
    private readonly SimulatedKernel _kernel = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact(Timeout = Bounded.Test)]
    public async Task A_directory_is_served()
    {
        Write("image", 1_000_000);
        using var fetcher = new FileRangeFetcher(_directory);
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(0, 1_000_000);
        Assert.Equal(1, OpenFiles());
        await mount.UnmountAsync(Bounded.Token);
        await Bounded.Until(() => OpenFiles() == 0, "the file is closed");
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData("missing")]
    [InlineData("directory")]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("directory/file")]
    public async Task What_is_not_a_file_of_the_directory_is_no_object(string key)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "directory"));
        File.WriteAllText(Path.Combine(_directory, "directory", "file"), "secret");
        using var fetcher = new FileRangeFetcher(_directory);
        Assert.Null(await fetcher.GetLengthAsync(new ObjectKey("v", key), Bounded.Token));
        await Assert.ThrowsAsync<FileNotFoundException>(() => fetcher.FetchAsync(new ObjectKey("v", key), new(0, 1), new MemoryWriter(new(0, 1)), Bounded.Token).AsTask());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_file_that_became_shorter_is_a_fault()
    {
        Write("image", 200_000);
        using var fetcher = new FileRangeFetcher(_directory);
        await using Daemon daemon = Daemon.Start(_kernel, fetcher);
        SimulatedMount mount = await _kernel.Mount();
        using (var file = new FileStream(Path.Combine(_directory, "image"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(100_000);
        await mount.FailsToRead(65_536, 100_000);
        Assert.Contains("became shorter", (await daemon.NextFaultAsync()).Exception!.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_file_that_was_replaced_is_taken_at_the_next_OPEN()
    {
        Write("image", 8192);
        using var fetcher = new FileRangeFetcher(_directory);
        var key = new ObjectKey("v", "image");
        Assert.Equal(8192, await fetcher.GetLengthAsync(key, Bounded.Token));
        File.Delete(Path.Combine(_directory, "image"));
        Write("image", 9000);
        Assert.Equal(9000, await fetcher.GetLengthAsync(key, Bounded.Token));
        Assert.Equal(1, OpenFiles());
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Opening_and_closing_an_object_does_not_fail_the_reads_of_another_life_of_it()
    {
        Write("image", 65_536);
        using var fetcher = new FileRangeFetcher(_directory);
        var key = new ObjectKey("v", "image");
        using var stop = new CancellationTokenSource();
        Task opening = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await fetcher.GetLengthAsync(key, CancellationToken.None);
                    fetcher.ObjectClosed(key);
                }
            },
            CancellationToken.None);
        for (var i = 0; i < 2000; i++)
        {
            var writer = new MemoryWriter(new(4096, 8192));
            await fetcher.FetchAsync(key, writer.Range, writer, Bounded.Token);
            Assert.Equal(Content.Of("image", 4096, 8192), writer.Written.ToArray());
        }
        await stop.CancelAsync();
        await opening;
        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_said_at_once()
        => Assert.Throws<DirectoryNotFoundException>(() => new FileRangeFetcher(Path.Combine(_directory, "missing")));

    private void Write(string name, int length) => File.WriteAllBytes(Path.Combine(_directory, name), Content.Of(name, 0, length));

    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_directory, StringComparison.Ordinal) == true);
}
