using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>An image that is mounted until the test is over.</summary>
internal sealed class Mount : IAsyncDisposable
{
    private bool _mounted = true;

    private Mount(string path) => Path = path;

    internal string Path { get; }

    internal static Task<Mount> OfAsync(string fsid, string? domain = null, params string[] devices) => OfAsync(Bounded.Limit, fsid, domain, devices);

    /// <summary>Mounts an image whose daemon may have to be started first.</summary>
    internal static async Task<Mount> OfAsync(TimeSpan limit, string fsid, string? domain, params string[] devices)
    {
        var target = Directory.CreateTempSubdirectory("mount-").FullName;
        await Bounded.CallAsync($"mounting {fsid}", () => ErofsMount.Mount(target, fsid, domain, devices), limit);
        return new Mount(target);
    }

    /// <summary>One that somebody else has made, and takes away again.</summary>
    internal static Mount Of(string path) => new(path) { _mounted = false };

    /// <summary>Mounts what is expected to fail.</summary>
    internal static async Task<ErrnoException> FailAsync(string fsid, string? domain = null, params string[] devices)
        => await Assert.ThrowsAsync<ErrnoException>(async () =>
        {
            await using Mount mount = await OfAsync(fsid, domain, devices);
        });

    /// <summary>Mounts an image whose blob the daemon refuses. Which of the two errors it is depends on how soon the refusal comes.</summary>
    internal static async Task RefusedAsync(string fsid)
    {
        ErrnoException refused = await FailAsync(fsid);
        Assert.Contains(refused.Errno, new[] { Errno.EIO, Errno.ENOBUFS });
        Assert.NotNull(refused.Remedy);
    }

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Looks a file up, so that its name and inode are there and the next READ is for its data.</summary>
    internal void Touch(string name) => Assert.True(new FileInfo(File(name)).Exists);

    /// <summary>Takes the mount away now.</summary>
    internal async Task UnmountAsync()
    {
        await Bounded.CallAsync($"unmounting {Path}", () => ErofsMount.Unmount(Path));
        _mounted = false;
        Directory.Delete(Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted)
            await UnmountAsync();
    }
}
