namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>What stays the same for as long as an object is open: its length, and which version of it each mirror has.</summary>
internal sealed class PinnedObject(long length, HttpOrigin origin)
{
    private readonly EntityVersion?[] _versions = new EntityVersion?[origin.Mirrors.Count];
    private ulong _changed;

    internal long Length => length;

    internal FetchRuns Runs { get; } = new(origin);

    /// <summary>Mirrors that were seen with another version than at first.</summary>
    internal ulong Changed => Volatile.Read(ref _changed);

    internal EntityVersion? VersionAt(Mirror mirror) => Volatile.Read(ref _versions[mirror.Index]);

    /// <summary>Takes the version that a mirror shows, if it is the first, as the one that has to stay.</summary>
    internal EntityVersion Pin(Mirror mirror, EntityVersion seen)
        => Interlocked.CompareExchange(ref _versions[mirror.Index], seen, null) ?? seen;

    internal void NoteChange(Mirror mirror) => Interlocked.Or(ref _changed, mirror.Bit);

    /// <summary>Whether a mirror must not be used: once the object was seen to change somewhere, a mirror that shows its version for the
    /// first time may be showing the new one.</summary>
    internal bool IsUnsafe(Mirror mirror) => Changed != 0 && VersionAt(mirror) is null;
}
