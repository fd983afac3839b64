using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CacheFiles.Ondemand.Internal;

/// <summary>One call of the fetcher: the range, and the READs that wait for parts of it.</summary>
internal sealed class Fetch : IThreadPoolWorkItem
{
    private readonly FetchEngine _engine;
    private readonly List<(Waiter Waiter, long Target)> _dependents = [];
    private readonly Action _continue;
    private long _nextTarget;
    private long _reserved;
    private volatile bool _revoked;
    private ValueTaskAwaiter _task;
    private Activity? _activity;

    internal Fetch(FetchEngine engine)
    {
        _engine = engine;
        _continue = Continue;
        Writer = new FetchWriter(this, engine.Buffers);
    }

    /// <summary>Where the fetcher puts the bytes.</summary>
    internal FetchWriter Writer { get; }

    internal ByteRange Range { get; private set; }

    internal CacheObject Object { get; private set; } = null!;

    internal CancellationTokenSource Cancellation { get; private set; } = new();

    /// <summary>The READ it was made for; the others joined it.</summary>
    internal Waiter? Owner { get; private set; }

    /// <summary>Everything before this offset is in the cache. Guarded by the object.</summary>
    internal long Written { get; private set; }

    /// <summary>The next of its object's fetches. Guarded by the object.</summary>
    internal Fetch? NextOfObject { get; set; }

    /// <summary>The next of those that a READ has just made.</summary>
    internal Fetch? NextNew { get; set; }

    /// <summary>How urgent it is. Guarded by the gate.</summary>
    internal FetchKind Kind { get; set; }

    /// <summary>As what it holds a place among the fetches that run, or null. Guarded by the gate.</summary>
    internal FetchKind? AdmittedTo { get; set; }

    /// <summary>When the fetcher was called: <see cref="Environment.TickCount64"/>. 0 before.</summary>
    internal long StartedAt { get; private set; }

    /// <summary>Hears when it has ended, or null.</summary>
    internal IFetchObserver? Observer { get; private set; }

    /// <summary>The offset of the page that is to be held back, or -1. Guarded by the object.</summary>
    internal long Marker { get; set; }

    /// <summary>The nearest offset that a READ waits for.</summary>
    internal long NextTarget => Volatile.Read(ref _nextTarget);

    /// <summary>Whether it was given up, though its fetcher may still run: somebody else has tidied up behind it.</summary>
    internal bool IsRevoked => _revoked;

    /// <summary>Whether a READ still waits for a part of it. Guarded by the object.</summary>
    internal bool HasDependents => _dependents.Count > 0;

    /// <summary>Prepares it for a range that a READ waits for.</summary>
    internal void Begin(CacheObject target, ByteRange range, Waiter owner)
    {
        Begin(target, range, FetchKind.Read);
        Owner = owner;
    }

    /// <summary>Prepares it for a range that nobody waits for.</summary>
    /// <param name="target">The object.</param>
    /// <param name="range">The range.</param>
    /// <param name="kind">Why.</param>
    /// <param name="marker">The offset of the page that is to be held back until a reader wants it, or -1.</param>
    /// <param name="observer">Hears when it has ended, or null.</param>
    internal void BeginAhead(CacheObject target, ByteRange range, FetchKind kind, long marker, IFetchObserver? observer)
    {
        Begin(target, range, kind);
        Marker = marker;
        Observer = observer;
    }

    private void Begin(CacheObject target, ByteRange range, FetchKind kind)
    {
        Object = target;
        Range = range;
        Kind = kind;
        AdmittedTo = null;
        StartedAt = 0;
        Owner = null;
        Observer = null;
        Marker = -1;
        Written = range.Offset;
        _nextTarget = long.MaxValue;
        _revoked = false;
        NextOfObject = NextNew = null;
        Writer.Begin(range);
        _dependents.Clear();
        if (!Cancellation.TryReset())
            Cancellation = new CancellationTokenSource();
    }

    /// <summary>Notes that a READ waits for everything before an offset. Guarded by the object.</summary>
    internal void AddDependent(Waiter waiter, long target)
    {
        _dependents.Add((waiter, target));
        waiter.Pending++;
        if (Marker >= waiter.Range.Offset && Marker < target)
            Marker = -1;
        Volatile.Write(ref _nextTarget, Math.Min(_nextTarget, target));
    }

    /// <summary>Bytes of the cache are reserved for it, though nobody waits.</summary>
    internal void Reserve(long bytes) => _reserved = bytes;

    /// <summary>Takes the reservation out, which is given back once: the fetch may be abandoned and end later.</summary>
    internal long TakeReserved() => Interlocked.Exchange(ref _reserved, 0);

    /// <summary>Bytes have come into the cache.</summary>
    internal void Wrote(int bytes)
    {
        Telemetry.Written(bytes);
        _engine.Culler.Wrote(bytes);
    }

    /// <summary>Nothing more is taken from the fetcher, and nobody waits for it. Guarded by the object.</summary>
    internal void Revoke()
    {
        _revoked = true;
        _dependents.Clear();
    }

    /// <summary>Starts the fetcher.</summary>
    /// <returns>True where it has ended already; else <see cref="FetchEngine.Finish"/> is called when it does.</returns>
    internal bool RunFetcher(IRangeFetcher fetcher)
    {
        StartedAt = Environment.TickCount64;
        var isTraced = Telemetry.Activities.HasListeners();
        Activity? outer = isTraced ? Activity.Current : null;
        if (isTraced)
            StartActivity();
        // Consumed once, here or in Continue. An await would cost a state machine for every fetch.
#pragma warning disable CA2012
        _task = fetcher.FetchAsync(Object.Key, Range, Writer, Cancellation.Token).GetAwaiter();
#pragma warning restore CA2012
        // The activity ends on another thread: it must not stay the current one of this.
        if (isTraced)
            Activity.Current = outer;
        if (_task.IsCompleted)
        {
            _task.GetResult();
            return true;
        }
        _task.UnsafeOnCompleted(_continue);
        return false;
    }

    internal void ThrowIfRevoked()
    {
        if (_revoked)
            throw new OperationCanceledException("Nobody waits for this range any more.", Cancellation.Token);
    }

    /// <summary>Everything before an offset is in the cache.</summary>
    internal void Progress(long written) => _engine.Progress(this, written);

    /// <summary>Lets go of the READs whose part is in the cache now. Guarded by the object.</summary>
    /// <param name="written">How far that is.</param>
    /// <param name="complete">Gets those that have all of their bytes, taken.</param>
    /// <returns>Those that wait for nothing any more, though another fetch did not bring their bytes; null where there are none.</returns>
    internal List<Waiter>? Settle(long written, List<Waiter> complete)
    {
        Written = written;
        List<Waiter>? incomplete = null;
        var next = long.MaxValue;
        for (var i = _dependents.Count - 1; i >= 0; i--)
        {
            (Waiter waiter, var target) = _dependents[i];
            if (target > written)
            {
                next = Math.Min(next, target);
                continue;
            }
            _dependents.RemoveAt(i);
            if (--waiter.Pending > 0)
                continue;
            if (waiter.Failure is not null)
                (incomplete ??= []).Add(waiter);
            else if (Object.Waiters.TryTake(waiter))
                complete.Add(waiter);
        }
        Volatile.Write(ref _nextTarget, next);
        return incomplete;
    }

    /// <summary>Lets go of all READs: what they still wait for does not come. Guarded by the object.</summary>
    /// <returns>Those that wait for nothing any more.</returns>
    internal List<Waiter> Fail(Exception failure)
    {
        List<Waiter> settled = [];
        foreach ((Waiter waiter, _) in _dependents)
        {
            waiter.Failure ??= failure;
            waiter.FailedOwn |= waiter == Owner;
            if (--waiter.Pending == 0)
                settled.Add(waiter);
        }
        _dependents.Clear();
        return settled;
    }

    /// <summary>Takes one READ out that waits no more. Guarded by the object.</summary>
    internal void RemoveDependent(Waiter waiter) => _dependents.RemoveAll(d => d.Waiter == waiter);

    /// <summary>Lets go of everything, for the pool.</summary>
    internal void Reset()
    {
        Object = null!;
        Owner = null;
        Observer = null;
        _task = default;
    }

    void IThreadPoolWorkItem.Execute() => _engine.Run(this);

    /// <summary>Ends the activity of the call, where somebody watches.</summary>
    internal void EndActivity(Exception? failure)
    {
        if (_activity is not { } activity)
            return;
        _activity = null;
        if (failure is not null)
            activity.SetStatus(ActivityStatusCode.Error, failure.Message);
        activity.Dispose();
    }

    private void StartActivity()
    {
        _activity = Telemetry.Activities.StartActivity("cachefiles.fetch", ActivityKind.Client);
        _activity?.SetTag("cachefiles.key", Object.Key.ToString());
        _activity?.SetTag("cachefiles.fetch.kind", Telemetry.NameOf(Kind));
        _activity?.SetTag("cachefiles.offset", Range.Offset);
        _activity?.SetTag("cachefiles.length", Range.Length);
    }

    private void Continue()
    {
        Exception? failure = null;
        try
        {
            _task.GetResult();
        }
        catch (Exception e)
        {
            failure = e;
        }
        _engine.Finish(this, failure);
    }
}
