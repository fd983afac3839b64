using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>One pass over the cache: the objects that were not used for the longest time go, until there is enough room.</summary>
/// <param name="session">The cache.</param>
/// <param name="inventory">What is in it.</param>
internal sealed class CullPass(Session session, CacheInventory inventory)
{
    private readonly List<CullEntry> _entries = [];

    internal long FreedBytes { get; private set; }

    internal int FreedFiles { get; private set; }

    internal IReadOnlyList<CullEntry> Entries => _entries;

    /// <summary>Culls.</summary>
    /// <param name="wantedBytes">How many bytes are to go.</param>
    /// <param name="wantedFiles">How many files are to go.</param>
    /// <param name="dryRun">Only says what would go.</param>
    /// <returns>Whether that many went.</returns>
    /// <exception cref="ErrnoException">The cache is dead.</exception>
    internal bool Run(long wantedBytes, long wantedFiles, bool dryRun)
    {
        HashSet<string> pinned = [.. session.Options.Culling.Pinned.Select(CachedFile.PathOf)];
        HashSet<string> open = [.. session.Objects.Select(o => CachedFile.PathOf(o.Key))];
        foreach (CachedFile file in inventory.Files.OrderBy(f => f.LastUsed))
        {
            CullOutcome outcome = pinned.Contains(file.Path) ? CullOutcome.Pinned
                : open.Contains(file.Path) ? CullOutcome.InUse
                : (FreedBytes >= wantedBytes && FreedFiles >= wantedFiles) || session.IsClosed ? CullOutcome.Kept
                : dryRun ? CullOutcome.Culled
                : Cull(file);
            if (outcome == CullOutcome.Culled)
            {
                FreedBytes += file.Bytes;
                FreedFiles++;
            }
            _entries.Add(new CullEntry(file.Text, file.Bytes, file.LastUsed, outcome));
        }
        _entries.AddRange(inventory.Strange.Select(path => new CullEntry(path, 0, default, CullOutcome.Strange)));
        return FreedBytes >= wantedBytes && FreedFiles >= wantedFiles;
    }

    private CullOutcome Cull(CachedFile file)
    {
        Errno error = session.CullCommand("cull", file.Directory, file.Name);
        switch (error)
        {
            case Errno.None:
                Telemetry.Culled(file.Bytes);
                return CullOutcome.Culled;
            case Errno.EBUSY:
                return CullOutcome.InUse;
            case Errno.ENOENT or Errno.ESTALE:
                return CullOutcome.Gone;
            default:
                throw new ErrnoException(error, $"cull {file.Text}");
        }
    }
}
