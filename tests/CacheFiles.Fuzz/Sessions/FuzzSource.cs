using CacheFiles.Ondemand;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>A source that delivers in all the ways that are allowed and, where it is bad, in all that are not.</summary>
internal sealed class FuzzSource(Plan plan, Ledger ledger, LockedRandom random) : IRangeFetcher
{
    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (random.Next(3) == 0)
            await Task.Yield();
        switch (plan.BadSource ? random.Next(40) : -1)
        {
            case 0:
                throw new IOException("no length");
            case 1:
                return null;
            case 2:
                return -1 - random.Next(5000);
            case 3:
                throw new OperationCanceledException();
            case 4:
                await Task.Delay(Timeout.Infinite, random.Next(2) == 0 ? cancellationToken : CancellationToken.None);
                break;
            case 5:
                await Task.Delay(random.Next(200), CancellationToken.None);
                break;
        }
        return Blobs.Find(key.CookieText)?.Length;
    }

    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        ledger.NoteFetch(key, range, writer.Range);
        byte[] blob = Blobs.Find(key.CookieText) ?? throw new FileNotFoundException();
        if (random.Next(4) == 0)
            await Task.Yield();
        if (random.Next(100) == 0)
            await Task.Delay(random.Next(4), CancellationToken.None);
        if (random.Next(300) == 0)
            Thread.Sleep(random.Next(3));
        var mood = plan.BadSource ? random.Next(60) : int.MaxValue;
        if (mood == 0)
            throw new IOException("no bytes");
        if (mood == 1)
            throw new OperationCanceledException();
        // Too little, with and without saying so; the latter is also how long it lasts until it stops for ever.
        var enough = mood is >= 2 and <= 7 ? range.Offset + random.Next((int)range.Length) : long.MaxValue;
        await DeliverAsync(blob, writer, enough, mood == 8, cancellationToken);
        switch (mood)
        {
            case 2 or 3:
                throw new InvalidDataException("cut off");
            case 4:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case 5:
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
                break;
            case 6:
                // Late: it goes on when nobody waits any more.
                await Task.Delay(random.Next(400), CancellationToken.None);
                await DeliverAsync(blob, writer, long.MaxValue, false, CancellationToken.None);
                break;
            case 9:
                await writer.WriteAsync(new byte[1 + random.Next(5000)], CancellationToken.None);
                break;
            case 10:
                Memory<byte> memory = writer.GetMemory(random.Next(1, 65536));
                writer.Advance(memory.Length + 1);
                break;
            case 11:
                writer.Advance(-1);
                break;
            case 12:
                writer.GetMemory(int.MaxValue);
                break;
        }
    }

    public void ObjectClosed(ObjectKey key)
    {
        if (plan.BadSource && random.Next(10) == 0)
            throw new InvalidOperationException("closed");
    }

    private async Task DeliverAsync(byte[] blob, RangeWriter writer, long end, bool flushesLate, CancellationToken cancellationToken)
    {
        while (writer.Remaining > 0 && writer.Position < end)
        {
            Memory<byte> memory = writer.GetMemory(random.Next(6) == 0 ? random.Next(65537) : 0);
            var most = random.Next(4) == 0 ? random.Next(1, 9000) : int.MaxValue;
            var count = (int)Math.Min(Math.Min(memory.Length, most), Math.Min(writer.Remaining, end - writer.Position));
            blob.AsMemory((int)writer.Position, count).CopyTo(memory);
            writer.Advance(count);
            if (!flushesLate)
                await writer.FlushAsync(cancellationToken);
            if (random.Next(10) == 0)
                await Task.Yield();
        }
    }
}
