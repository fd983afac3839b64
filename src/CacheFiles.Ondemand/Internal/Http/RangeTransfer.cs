using System.Globalization;

namespace CacheFiles.Ondemand.Internal.Http;

/// <summary>Brings one range of an object into a writer, from the byte that was reached last.</summary>
internal sealed class RangeTransfer(HttpOrigin origin, ObjectKey key, PinnedObject target, RangeWriter writer, SourceChoice choice, CancellationToken cancellationToken)
{
    private readonly Route _route = new(origin.Mirrors, choice.Avoid, target);

    internal async ValueTask RunAsync()
    {
        var loop = new AttemptLoop(origin, _route);
        if (!await loop.RunAsync(AttemptAsync, () => writer.Position, cancellationToken).ConfigureAwait(false))
            throw loop.Failure(key);
    }

    private async Task AttemptAsync(Mirror mirror)
    {
        // A request that has lost a race still compares its answer with what it asked for, when the writer is further already.
        var asked = ByteRange.FromBounds(writer.Position, writer.Range.End);
        using Exchange exchange = await new HedgedOpening(origin, _route, m => Begin(m, asked), e => ArriveAsync(e, asked))
            .OpenAsync(mirror).ConfigureAwait(false);
        choice.Used |= exchange.Mirror.Bit;
        while (writer.Remaining > 0)
        {
            Memory<byte> memory = writer.GetMemory();
            if (memory.Length > writer.Remaining)
                memory = memory[..(int)writer.Remaining];
            var count = await exchange.ReadAsync(memory).ConfigureAwait(false);
            // The last bytes are not given away before it is sure that nothing comes behind them.
            if (count == writer.Remaining)
                await exchange.EndAsync().ConfigureAwait(false);
            writer.Advance(count);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        exchange.Mirror.NoteSuccess();
    }

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
