namespace CacheFiles.Ondemand.Internal;

/// <summary>Splits a READ into what is cached by now, what running fetches will bring, and what nobody fetches yet: the last becomes new
/// fetches.</summary>
internal sealed class ReadPlanner(FetchGate gate, Pool<Fetch> fetches, PageBufferPool buffers)
{
    /// <summary>Writes the page that a READ has come to want. Under the object's lock, so that another READ for it finds it held or cached; where
    /// the kernel does not take it, it is fetched again.</summary>
    /// <returns>Whether there was one.</returns>
    internal bool WriteHeld(CacheObject target, ByteRange range)
    {
        if (!target.TryTakeHeld(range, out HeldPage held))
            return false;
        target.File.WriteAt(held.Buffer.Memory.Span, held.Offset);
        buffers.Return(held.Buffer);
        return true;
    }

    /// <summary>Splits a READ. Called under the object's lock.</summary>
    /// <param name="waiter">The READ.</param>
    /// <param name="wroteHeld">Whether a page of it has just been written.</param>
    /// <returns>The fetches that are to be started; the READ waits for them, and for those that it has joined.</returns>
    internal Fetch? Plan(Waiter waiter, bool wroteHeld)
    {
        CacheObject target = waiter.Object;
        var looks = wroteHeld || waiter.Retried;
        Fetch? made = null;
        var position = waiter.Range.Offset;
        var end = waiter.Range.End;
        while (position < end)
        {
            Fetch? fetch = target.FindFetch(position, end, out var pieceEnd);
            if (fetch is null)
            {
                if ((looks || target.MayBeCached(waiter.MessageId, position, pieceEnd)) && target.IsCached(position, ref pieceEnd))
                {
                    position = pieceEnd;
                    continue;
                }
                fetch = fetches.Rent();
                fetch.Begin(target, ByteRange.FromBounds(position, pieceEnd), waiter);
                target.Add(fetch);
                fetch.NextNew = made;
                made = fetch;
            }
            else
            {
                Telemetry.Joined();
                if (fetch is { AdmittedTo: null, Kind: not FetchKind.Read })
                    gate.Promote(fetch);
            }
            if (fetch.Written < pieceEnd)
                fetch.AddDependent(waiter, pieceEnd);
            position = pieceEnd;
        }
        return made;
    }
}
