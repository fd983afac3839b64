using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Ondemand.Tests.Support;

/// <summary>Short names for what nearly every test does.</summary>
internal static class Kernels
{
    internal static Task<SimulatedMount> Mount(this SimulatedKernel kernel, string fsid = "image", string? domain = null, params string[] devices)
        => kernel.MountAsync(fsid, domain, devices, Bounded.Token);

    internal static Task<byte[]> Read(this SimulatedMount mount, long offset, int length, string? blob = null)
        => mount.ReadAsync(blob ?? mount.Fsid, offset, length, Bounded.Token);

    /// <summary>Reads, and compares with the source.</summary>
    internal static async Task Verify(this SimulatedMount mount, long offset, int length, string? blob = null)
        => Assert.Equal(Content.Of(blob ?? mount.Fsid, offset, length), await mount.Read(offset, length, blob));

    /// <summary>Waits until the daemon has read so many READs.</summary>
    internal static Task HasTaken(this SimulatedKernel kernel, int reads)
        => Bounded.Until(() => kernel.Sent.Reads >= reads && kernel.UnreadRequests == 0, $"the daemon reads {reads} READs");

    internal static async Task Fails(Errno errno, Func<Task> act)
        => Assert.Equal(errno, (await Assert.ThrowsAsync<ErrnoException>(act)).Errno);

    internal static Task FailsToRead(this SimulatedMount mount, long offset, int length, string? blob = null)
        => Fails(Errno.EIO, () => mount.Read(offset, length, blob));
}
