using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>An object's descriptor that writes down what is done with it.</summary>
internal sealed class FuzzObject(IKernelObject file, Ledger ledger, Plan plan, string name, uint id) : IKernelObject
{
    private int _closed;
    private bool _sabotaged;

    public long FileSize => file.FileSize;

    public Errno WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        if (plan.Sabotage == Sabotage.WrongByte)
        {
            byte[] changed = [.. data];
            changed[^1] ^= 1;
            data = changed;
        }
        if (plan.Sabotage == Sabotage.Stray)
            ledger.NoteWrite(name, new byte[4096], ((long)Blobs.PagesOf(name) - 1) * 4096);
        ledger.NoteWrite(name, data, offset);
        return file.WriteAt(data, offset);
    }

    public Errno CompleteRead(uint messageId)
    {
        if (plan.Sabotage == Sabotage.LostAnswer && !_sabotaged)
        {
            _sabotaged = true;
            return Errno.None;
        }
        var isCached = IsCached(ledger.RangeOf(messageId));
        Errno result = file.CompleteRead(messageId);
        ledger.AnswerRead(messageId, id, result, isCached);
        if (plan.Sabotage == Sabotage.SecondAnswer)
            ledger.AnswerRead(messageId, id, result, isCached);
        return result;
    }

    public long SeekData(long offset) => file.SeekData(offset);

    public long SeekHole(long offset) => file.SeekHole(offset);

    public void Dispose()
    {
        if (plan.Sabotage == Sabotage.Leak && !_sabotaged)
        {
            _sabotaged = true;
            return;
        }
        file.Dispose();
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            ledger.NoteClosed();
    }

    private bool IsCached(ByteRange range)
    {
        var start = range.Offset / Blobs.PageSize * Blobs.PageSize;
        var end = Math.Min(range.End, file.FileSize);
        return start >= end || file.SeekHole(start) is var hole && (hole < 0 || hole >= end);
    }
}
