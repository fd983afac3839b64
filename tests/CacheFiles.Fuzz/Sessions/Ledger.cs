using System.Buffers.Binary;
using CacheFiles.Fuzz.Messages;
using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>What one daemon was asked and what it answered, fetched and wrote: the invariants are checked here.</summary>
internal sealed class Ledger(Plan plan, Action<string> fail, Action lose)
{
    private readonly Dictionary<(bool IsOpen, uint Id), Request> _requests = [];
    private readonly Dictionary<uint, HashSet<string>> _names = [];
    private readonly Dictionary<string, bool[]> _asked = [];
    private readonly Dictionary<string, bool[]> _fetched = [];
    private readonly HashSet<uint> _confused = [];
    private string? _silence;
    private int _faults;

    /// <summary>Descriptors of objects that the daemon has not closed.</summary>
    internal int OpenObjects { get; private set; }

    /// <summary>Whether the daemon is on its way out: then it may leave READs without their bytes.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>Whether the daemon answers by itself, and may leave out what it likes.</summary>
    internal bool IsByHand { get; set; }

    /// <summary>A message goes to the daemon.</summary>
    /// <param name="original">As the kernel sent it; empty where it was made up.</param>
    /// <param name="delivered">As the daemon gets it.</param>
    /// <param name="opened">The name of the blob whose descriptor comes with it, or null.</param>
    internal void Deliver(ReadOnlySpan<byte> original, ReadOnlySpan<byte> delivered, string? opened)
    {
        lock (this)
        {
            var hasHeader = delivered.Length >= Layout.HeaderSize;
            var id = hasHeader ? Word(delivered, Layout.IdAt) : 0;
            var target = hasHeader ? Word(delivered, Layout.ObjectAt) : 0;
            Request request = FindOrAdd((opened is not null, id));
            request.Delivered++;
            request.Object = target;
            request.Since = Environment.TickCount64;
            if (opened is not null)
            {
                OpenObjects++;
                NamesOf(target).Add(opened);
            }
            Judge(original, delivered, request, target);
            if (hasHeader && Word(delivered, Layout.OpcodeAt) == Layout.Read && delivered.Length >= Layout.KeysAt && Word(delivered, Layout.LengthAt) == delivered.Length)
                Ask(request, target, BinaryPrimitives.ReadUInt64LittleEndian(delivered[Layout.OffsetAt..]), BinaryPrimitives.ReadUInt64LittleEndian(delivered[Layout.CountAt..]));
        }
    }

    /// <summary>The source is asked for a range.</summary>
    internal void NoteFetch(ObjectKey key, ByteRange range, ByteRange writers)
    {
        if (Blobs.Find(key.CookieText) is null)
            return;
        if (range != writers || range.Offset < 0 || range.Length <= 0 || range.Offset % Blobs.PageSize != 0 || range.End > Blobs.LengthOf(key.CookieText))
            fail($"the source is asked for {range} of {key.CookieText}, the writer is for {writers}");
        lock (this)
        {
            Mark(_fetched, key.CookieText, range.Offset, range.End);
            if (!Covers(_asked, key.CookieText, range))
                fail($"the source is asked for {range} of {key.CookieText}, which nobody asked for");
        }
    }

    /// <summary>Bytes will be fetched that no READ asks for.</summary>
    internal void NotePrefetch(string name)
    {
        lock (this)
            Mark(_asked, name, 0, long.MaxValue);
    }

    /// <summary>The daemon writes.</summary>
    internal void NoteWrite(string name, ReadOnlySpan<byte> data, long offset)
    {
        var range = new ByteRange(offset, data.Length);
        if (offset < 0 || offset % Blobs.PageSize != 0 || data.Length % 512 != 0)
            fail($"a write to {range} of {name} is not aligned");
        else if (range.End > (long)Blobs.PagesOf(name) * Blobs.PageSize)
            fail($"a write to {range} ends behind {name}");
        else if (!Blobs.Has(name, offset, data))
            fail($"wrong bytes are written to {range} of {name}");
        lock (this)
        {
            if (!Covers(_fetched, name, range))
                fail($"{range} of {name} is written, which was not fetched");
        }
    }

    /// <summary>What a READ was for.</summary>
    internal ByteRange RangeOf(uint id)
    {
        lock (this)
            return _requests.GetValueOrDefault((false, id))?.Range ?? default;
    }

    /// <summary>The daemon answers a READ.</summary>
    internal void AnswerRead(uint id, uint target, Errno result, bool isCached)
    {
        lock (this)
        {
            if (!_requests.TryGetValue((false, id), out Request? request) || ++request.Answered > request.Delivered)
            {
                fail($"READ {id} is answered more often than it was delivered");
                return;
            }
            if (request.Object == target)
                request.MustAnswer = false;
            if (result == Errno.None && !IsEnding && !_confused.Contains(target) && !isCached)
                _silence ??= $"READ {id} of {request.Range} was answered without its bytes";
        }
        if (result != Errno.None)
            lose();
    }

    /// <summary>The daemon answers an OPEN. It may say no when the kernel has not taken its yes.</summary>
    internal void AnswerOpen(uint id, Errno result)
    {
        lock (this)
        {
            if (!_requests.TryGetValue((true, id), out Request? request) || ++request.Answered > 2 * request.Delivered)
                fail($"OPEN {id} is answered more often than it was delivered");
            else if (result == Errno.None && ++request.Accepted > request.Delivered)
                fail($"OPEN {id} is answered twice");
            else
                request.MustAnswer = false;
        }
        if (result != Errno.None)
            lose();
    }

    internal void NoteClosed()
    {
        lock (this)
            OpenObjects--;
    }

    internal void NoteFault(OndemandFault fault)
    {
        Interlocked.Increment(ref _faults);
        var isExpected = plan.IsHostile || IsEnding || (plan.Kills && fault.Source == FaultSource.LateCompletion);
        if (!isExpected)
            fail($"a fault without a cause: {fault}");
    }

    /// <summary>Looks for requests that wait for too long.</summary>
    internal void CheckOverdue()
    {
        var limit = Environment.TickCount64 - (long)(plan.Options.RequestDeadline + plan.Grace).TotalMilliseconds;
        lock (this)
        {
            foreach (((var isOpen, var id), Request request) in _requests)
            {
                if (request.MustAnswer && request.Since < limit && !IsEnding)
                    fail($"{(isOpen ? "OPEN" : "READ")} {id} is not answered, long after its deadline");
            }
        }
    }

    /// <summary>The daemon has ended.</summary>
    internal void CheckEnd()
    {
        lock (this)
        {
            if (OpenObjects != 0)
                fail($"the daemon has left {OpenObjects} descriptors of objects open");
            if (_silence is not null && !IsByHand && Volatile.Read(ref _faults) == 0)
                fail($"{_silence}, and no fault was reported");
        }
    }

    /// <summary>A number of an object that is known, to make a message up.</summary>
    internal uint AnyObject(LockedRandom random)
    {
        lock (this)
            return _names.Count == 0 ? 0 : _names.Keys.ElementAt(random.Next(_names.Count));
    }

    /// <summary>What of a message was left alone decides whether the daemon can know whom to answer.</summary>
    private void Judge(ReadOnlySpan<byte> original, ReadOnlySpan<byte> delivered, Request request, uint target)
    {
        if (!original.IsEmpty && original.SequenceEqual(delivered) && !_confused.Contains(target))
        {
            request.MustAnswer = Word(original, Layout.OpcodeAt) != Layout.Close;
            return;
        }
        if (original.IsEmpty || !original.SequenceEqual(delivered))
            Confuse(target);
        if (original.IsEmpty)
            return;
        var opcode = Word(original, Layout.OpcodeAt);
        var hasId = delivered.Length >= Layout.HeaderSize && Word(original, Layout.IdAt) == Word(delivered, Layout.IdAt);
        request.MustAnswer = opcode == Layout.Open && hasId;
        Confuse(Word(original, Layout.ObjectAt));
        lose();
    }

    /// <summary>From now on the daemon cannot tell what is meant by an object's number.</summary>
    private void Confuse(uint target)
    {
        _confused.Add(target);
        foreach (((var isOpen, _), Request request) in _requests)
        {
            if (!isOpen && request.Object == target)
                request.MustAnswer = false;
        }
        lose();
    }

    private void Ask(Request request, uint target, ulong offset, ulong length)
    {
        if (offset > long.MaxValue || length > long.MaxValue - offset)
            return;
        request.Range = new ByteRange((long)offset, (long)length);
        var end = (long)Math.Min(offset + length, 1UL << 40);
        foreach (var name in NamesOf(target))
            Mark(_asked, name, (long)Math.Min(offset, 1UL << 40), end + plan.Options.MaxReadAheadBytes);
    }

    private Request FindOrAdd((bool IsOpen, uint Id) key)
    {
        if (!_requests.TryGetValue(key, out Request? request))
            _requests[key] = request = new Request();
        return request;
    }

    private HashSet<string> NamesOf(uint target)
    {
        if (!_names.TryGetValue(target, out HashSet<string>? names))
            _names[target] = names = [];
        return names;
    }

    private static void Mark(Dictionary<string, bool[]> map, string name, long start, long end)
    {
        if (!map.TryGetValue(name, out var pages))
            map[name] = pages = new bool[Blobs.PagesOf(name)];
        var first = Math.Min(start / Blobs.PageSize, pages.Length);
        var last = Math.Min((end / Blobs.PageSize) + (end % Blobs.PageSize == 0 ? 0 : 1), pages.Length);
        if (last > first)
            Array.Fill(pages, true, (int)first, (int)(last - first));
    }

    private static bool Covers(Dictionary<string, bool[]> map, string name, ByteRange range)
    {
        if (!map.TryGetValue(name, out var pages))
            return false;
        for (var page = range.Offset / Blobs.PageSize; page * Blobs.PageSize < range.End; page++)
        {
            if (page >= pages.Length || !pages[page])
                return false;
        }
        return true;
    }

    private static uint Word(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt32LittleEndian(message[at..]);

    private sealed class Request
    {
        internal int Delivered { get; set; }

        internal int Answered { get; set; }

        internal int Accepted { get; set; }

        internal uint Object { get; set; }

        internal ByteRange Range { get; set; }

        internal long Since { get; set; }

        internal bool MustAnswer { get; set; }
    }
}
