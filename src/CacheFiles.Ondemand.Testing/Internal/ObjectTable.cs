using System.Text;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>The objects that mounts use, and mounting itself. Guarded by the kernel's lock.</summary>
internal sealed class ObjectTable(SimulatedKernel kernel)
{
    private const int MaxKeyLength = 255;
    private readonly Dictionary<ObjectKey, SimulatedObject> _live = [];

    /// <summary>Opens an image's own blob, reads the first page of it, and opens the others.</summary>
    /// <param name="fsid">The name of its own blob.</param>
    /// <param name="domainId">The shared domain, or null.</param>
    /// <param name="devices">The other blobs: what the mount calls them, and their cookie keys.</param>
    internal async Task<SimulatedMount> MountAsync(string fsid, string? domainId, IEnumerable<(string Name, byte[] Key)> devices)
    {
        var volume = Encoding.UTF8.GetBytes($"erofs,{domainId ?? fsid}");
        var objects = new Dictionary<string, SimulatedObject>();
        try
        {
            SimulatedObject image = await AcquireAsync(KeyOf(volume, Encoding.UTF8.GetBytes(fsid)), domainId is null ? Errno.EBUSY : Errno.EEXIST).ConfigureAwait(false);
            objects.Add(fsid, image);
            Errno refused = kernel.Options.Version == SimulatedKernelVersion.Linux61 ? Errno.EIO : Errno.ENOBUFS;
            Check(await image.Opened.ConfigureAwait(false) == Errno.None ? Errno.None : refused, fsid);
            Memory<byte> superblock = new byte[Math.Min(image.Size, Environment.SystemPageSize)];
            Check(await new ObjectReader(image).ReadAsync(0, superblock, superblock.Length, retries: false, CancellationToken.None).ConfigureAwait(false), fsid);
            foreach (var (name, key) in devices.Where(d => !objects.ContainsKey(d.Name)))
                objects.Add(name, await AcquireAsync(KeyOf(volume, key), Errno.None).ConfigureAwait(false));
            return new SimulatedMount(kernel, fsid, domainId, objects);
        }
        catch
        {
            _ = Release(objects.Values);
            throw;
        }
    }

    /// <summary>A mount is gone: who else uses its objects?</summary>
    internal Task Release(IEnumerable<SimulatedObject> objects)
    {
        var closing = new List<Task>();
        lock (kernel.Lock)
        {
            foreach (SimulatedObject target in objects)
            {
                if (--target.Users == 0)
                    closing.Add(target.CloseAsync());
            }
        }
        return Task.WhenAll(closing);
    }

    /// <summary>Finds an object that is mounted.</summary>
    internal SimulatedObject Find(ObjectKey key)
    {
        lock (kernel.Lock)
            return _live[key];
    }

    internal bool IsLive(ObjectKey key) => _live.TryGetValue(key, out SimulatedObject? found) && found.State != ObjectState.Dropping;

    /// <summary>An object is gone.</summary>
    internal void Remove(SimulatedObject target)
    {
        if (_live.GetValueOrDefault(target.Key) == target)
            _live.Remove(target.Key);
    }

    /// <summary>A cache is withdrawn: what it held goes to the disk.</summary>
    internal void Commit(SimulatedCache cache)
    {
        foreach (SimulatedObject target in _live.Values)
        {
            if (target.Cache == cache)
                target.Commit();
        }
    }

    /// <summary>Gets an object for a mount; one of the same name that is just being closed is waited for.</summary>
    internal async Task<SimulatedObject> AcquireAsync(ObjectKey key, Errno whereInUse)
    {
        while (true)
        {
            SimulatedObject? former;
            lock (kernel.Lock)
            {
                if (!_live.TryGetValue(key, out former))
                    return _live[key] = new SimulatedObject(kernel, kernel.Cache ?? new SimulatedCache(kernel, 0, 0), key);
                if (former.Users > 0)
                {
                    if (whereInUse != Errno.None)
                        throw new ErrnoException(whereInUse, $"mount({key.CookieText})", "The image is mounted already");
                    former.Users++;
                    return former;
                }
            }
            await former.Gone.ConfigureAwait(false);
        }
    }

    private static ObjectKey KeyOf(byte[] volume, byte[] cookie)
        => cookie.Length is > 0 and <= MaxKeyLength
            ? new ObjectKey(volume, cookie)
            : throw new ErrnoException(Errno.EINVAL, "mount()", $"A blob's name has one to {MaxKeyLength} bytes, not {cookie.Length}");

    private static void Check(Errno error, string fsid)
    {
        if (error != Errno.None)
            throw new ErrnoException(error, $"mount({fsid})", "The daemon refused the image or did not deliver its first page, or none is bound");
    }
}
