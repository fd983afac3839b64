using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>A daemon that answers the requests itself.</summary>
internal sealed class RequestLoop(Session session, Ledger ledger, LockedRandom random)
{
    internal async Task RunAsync(OndemandCache cache, CancellationToken stop)
    {
        ledger.IsByHand = true;
        await foreach (OndemandRequest request in cache.ReadRequestsAsync(stop))
        {
            if (random.Next(4) == 0)
                _ = Task.Run(() => Answer(request), CancellationToken.None);
            else
                Answer(request);
        }
    }

    private void Answer(OndemandRequest request)
    {
        try
        {
            switch (request)
            {
                case OpenRequest open when Blobs.Find(open.Key.CookieText) is { } blob && !(session.Plan.BadSource && random.Next(30) == 0):
                    open.Complete(blob.Length);
                    break;
                case OpenRequest open when random.Next(2) == 0:
                    open.Fail(Errno.ENOENT);
                    break;
                case ReadRequest read when Blobs.Find(read.Key.CookieText) is { } blob && !(session.Plan.BadSource && random.Next(30) == 0):
                    Serve(read, blob);
                    break;
            }
        }
        catch (Exception e) when (e is ErrnoException or InvalidOperationException && (ledger.IsEnding || session.Plan.IsHostile))
        {
            // Not taken, or the cache was stopped meanwhile and has answered.
        }
        catch (Exception e)
        {
            session.Fail($"{e}");
        }
        request.Dispose();
    }

    private void Serve(ReadRequest read, byte[] blob)
    {
        var start = read.Range.Offset / Blobs.PageSize * Blobs.PageSize;
        var end = Math.Min(read.Range.End, blob.Length);
        end = Math.Min((end + Blobs.PageSize - 1) / Blobs.PageSize * Blobs.PageSize, blob.Length);
        if (start < end)
        {
            var range = ByteRange.FromBounds(start, end);
            ledger.NoteFetch(read.Key, range, range);
            read.Write(blob.AsSpan((int)start, (int)range.Length), start);
        }
        if (random.Next(2) == 0)
            read.Complete();
    }
}
