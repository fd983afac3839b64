using System.Globalization;

namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Brings one range of an object into a writer, from the byte that was reached last.</summary>
internal sealed class RangeTransfer(HttpOrigin origin, ObjectKey key, PinnedObject target, RangeWriter writer, SourceChoice choice, CancellationToken cancellationToken)
{
    private readonly Route _route = new(origin.Mirrors, choice.Avoid, target);
    private readonly RunPiece _piece = target.Runs.Enter(ByteRange.FromBounds(writer.Position, writer.Range.End));

    internal async ValueTask RunAsync()
    {
        try
        {
            var loop = new AttemptLoop(origin, _route);
            await ReadOnAsync(loop).ConfigureAwait(false);
            if (writer.Remaining > 0 && !await loop.RunAsync(AttemptAsync, () => writer.Position, cancellationToken).ConfigureAwait(false))
                throw loop.Failure(key);
        }
        finally
        {
            _piece.End();
        }
    }

    /// <summary>Takes what the response to the fetch before this one has to give.</summary>
    private async ValueTask ReadOnAsync(AttemptLoop loop)
    {
        if (await _piece.TakeAsync(cancellationToken).ConfigureAwait(false) is not { } tail || tail.Take() is not { } begun)
            return;
        if ((begun.Mirror.Bit & choice.Avoid) != 0)
        {
            begun.Dispose();
            return;
        }
        begun.Resume(cancellationToken);
        try
        {
            var asked = ByteRange.FromBounds(writer.Position, tail.End);
            await DeliverAsync(await Opening(asked).ReadOnAsync(begun).ConfigureAwait(false), asked).ConfigureAwait(false);
        }
        catch (AttemptFailure failure)
        {
            loop.Note(failure);
        }
    }

    private async Task AttemptAsync(Mirror mirror)
    {
        // A request that has lost a race still compares its answer with what it asked for, when the writer is further already.
        var asked = ByteRange.FromBounds(writer.Position, _piece.AskEnd(writer.Position, target.Length, origin.Options.MaxAskAheadBytes));
        await DeliverAsync(await Opening(asked).OpenAsync(mirror).ConfigureAwait(false), asked).ConfigureAwait(false);
    }

    private async ValueTask DeliverAsync(Exchange exchange, ByteRange asked)
    {
        var isLeft = false;
        try
        {
            choice.Used |= exchange.Mirror.Bit;
            origin.NoteVersion(exchange.Response.Version);
            while (writer.Remaining > 0 && writer.Position < asked.End)
            {
                Memory<byte> memory = writer.GetMemory();
                var most = Math.Min(writer.Remaining, asked.End - writer.Position);
                if (memory.Length > most)
                    memory = memory[..(int)most];
                var count = await exchange.ReadAsync(memory).ConfigureAwait(false);
                // The last bytes are not given away before it is sure that nothing comes behind them.
                if (count == asked.End - writer.Position)
                    await exchange.EndAsync().ConfigureAwait(false);
                if (count == writer.Remaining)
                    _piece.Delivered();
                writer.Advance(count);
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            exchange.Mirror.NoteSuccess();
            if (writer.Position < asked.End && exchange.Pause())
            {
                isLeft = true;
                _piece.Leave(exchange, asked.End);
            }
        }
        finally
        {
            if (!isLeft)
                exchange.Dispose();
        }
    }

    private HedgedOpening Opening(ByteRange asked) => new(origin, _route, m => Begin(m, asked), e => ArriveAsync(e, asked));

    private Exchange Begin(Mirror mirror, ByteRange asked)
    {
        Exchange exchange = origin.Begin(HttpMethod.Get, key, mirror, $"bytes {asked.Offset}-{asked.End - 1} of {target.Length}", cancellationToken);
        exchange.Request.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={asked.Offset}-{asked.End - 1}"));
        if (target.VersionAt(mirror)?.Condition is { } condition)
            exchange.Request.Headers.TryAddWithoutValidation("If-Range", condition);
        return exchange;
    }

    private async Task ArriveAsync(Exchange exchange, ByteRange asked)
    {
        await exchange.SendAsync().ConfigureAwait(false);
        ResponseRules.CheckRange(exchange, target, asked);
        await exchange.OpenBodyAsync().ConfigureAwait(false);
    }
}
