namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>The order in which one fetch asks the mirrors: as they were named, those that failed lately behind the others, and each once
/// before any is asked again.</summary>
/// <param name="mirrors">The mirrors.</param>
/// <param name="avoid">Those that are asked only when there is no other.</param>
/// <param name="target">The object, where it is known already.</param>
internal sealed class Route(IReadOnlyList<Mirror> mirrors, ulong avoid, PinnedObject? target)
{
    private ulong _asked;
    private ulong _struck;

    /// <summary>Gives the mirror to ask next, or null where none is left.</summary>
    /// <param name="delay">The wait before a mirror is asked again.</param>
    /// <param name="wait">How long to wait before it is asked.</param>
    internal Mirror? Next(TimeSpan delay, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (Best(_struck, delay) is not { } mirror)
            return null;
        wait = Wait(mirror, delay);
        _asked = (_asked & mirror.Bit) == 0 ? _asked | mirror.Bit : mirror.Bit;
        return mirror;
    }

    /// <summary>Gives the mirror for a second request beside one that is slow: another one that may be asked at once and has done well, else
    /// the same.</summary>
    internal Mirror Beside(Mirror slow)
        => Best(_struck | slow.Bit | Shunned, TimeSpan.Zero) is { } other && other.Rest == TimeSpan.Zero && other.Doubt == TimeSpan.Zero ? other : slow;

    /// <summary>Leaves a mirror out for the rest of the fetch.</summary>
    internal void Strike(Mirror mirror) => _struck |= mirror.Bit;

    private ulong Shunned => avoid | (target?.Changed ?? 0);

    private Mirror? Best(ulong without, TimeSpan delay)
    {
        var shunned = Shunned;
        return mirrors
            .Where(mirror => (mirror.Bit & without) == 0 && target?.IsUnsafe(mirror) != true)
            .MinBy(mirror => ((mirror.Bit & shunned) != 0, Wait(mirror, delay), mirror.Doubt));
    }

    private TimeSpan Wait(Mirror mirror, TimeSpan delay)
    {
        TimeSpan rest = mirror.Rest;
        // A server that has set a time is not to be met by everybody at that very moment.
        return rest > TimeSpan.Zero || (_asked & mirror.Bit) != 0 ? rest + delay : TimeSpan.Zero;
    }
}
