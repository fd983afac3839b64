using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Contract.Kernel;

/// <summary>The kernel under test, simulated or real, as its daemons and its readers see it. <c>Host.Boot</c> gives one.</summary>
internal abstract class ContractKernel : IAsyncDisposable
{
    /// <summary>The domain that images are mounted in unless a test says otherwise: a new volume costs the real kernel 256 directories.</summary>
    internal const string Domain = "contract";

    private static int s_images;

    /// <summary>Whether it is, or behaves as, Linux 6.1; else 6.12.</summary>
    internal abstract bool IsLinux61 { get; }

    /// <summary>A directory that a cache can be bound on.</summary>
    internal abstract string CacheDirectory { get; }

    /// <summary>Opens the device, as a daemon does when it starts.</summary>
    internal abstract IKernelDevice OpenDevice();

    /// <summary>The device that <see cref="Kill"/> kept, as the next daemon finds it.</summary>
    internal abstract IKernelDevice Inherit();

    /// <summary>Ends the daemon as SIGKILL does: its descriptors are closed, and nothing is answered.</summary>
    /// <param name="keepDevice">Whether somebody else has the device open too.</param>
    internal abstract void Kill(bool keepDevice = false);

    /// <summary>Mounts an image.</summary>
    internal abstract Task<ContractMount> MountAsync(Image image, string? domain);

    /// <summary>Whether the cache has a file of that name for an object: it has from the object's first CLOSE on.</summary>
    internal abstract bool HasFile(ObjectKey key);

    /// <summary>Waits until a cache that is withdrawn is forgotten, too. As long as the kernel knows one of another tag it may take that for a new
    /// volume, and the mount fails.</summary>
    internal virtual Task ForgetsAsync(string tag) => Task.CompletedTask;

    /// <summary>Writes to an object what the library would not let pass.</summary>
    internal abstract Interop.Errno WriteRaw(IKernelObject file, ReadOnlySpan<byte> data, long offset);

    /// <summary>Lets others fill the disk of the cache.</summary>
    /// <param name="freePercent">What they leave.</param>
    /// <returns>Removes what they wrote.</returns>
    internal abstract IDisposable FillDisk(int freePercent);

    /// <summary>The debug mask of the kernel's module.</summary>
    internal abstract uint DebugMask { get; }

    /// <summary>How many descriptors of the device and of objects the daemons have open.</summary>
    internal abstract int OpenDescriptors { get; }

    /// <summary>An image of a name that no other has: the cache may hold what earlier tests have read.</summary>
    internal static Image NewImage(long length, params Blob[] devices) => new($"image{Interlocked.Increment(ref s_images)}", length, devices);

    /// <summary>A blob of such a name.</summary>
    internal static Blob NewBlob(long length) => new($"blob{Interlocked.Increment(ref s_images)}", length);

    /// <summary>Mounts an image in the domain of the tests.</summary>
    internal Task<ContractMount> MountAsync(Image image) => MountAsync(image, Domain);

    /// <summary>What a mount gets when its blob is refused, or nobody is there to open it.</summary>
    internal async Task RefusesToMountAsync(Image image, string? domain = Domain)
    {
        // Which of the two depends on how soon the refusal comes, on the real kernels.
        Interop.ErrnoException refused = await Assert.ThrowsAsync<Interop.ErrnoException>(() => MountAsync(image, domain));
        Assert.Contains(refused.Errno, new[] { Interop.Errno.EIO, Interop.Errno.ENOBUFS });
    }

    /// <summary>Waits until the cache has a file for a blob of that domain, which it gets some time after the CLOSE.</summary>
    internal Task GetsFileAsync(Blob blob)
        => Bounded.Until(() => HasFile(KeyOf(blob)), $"the file of {blob.Text}");

    /// <summary>What the kernel calls a blob in the domain of the tests.</summary>
    internal static ObjectKey KeyOf(Blob blob) => new(System.Text.Encoding.UTF8.GetBytes($"erofs,{Domain}"), blob.Key);

    public abstract ValueTask DisposeAsync();
}
