using System.Diagnostics;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>Serves every request with a fetcher.</summary>
internal sealed class ServeSink : IRequestSink, IDisposable
{
    private readonly Session _session;
    private readonly IRangeFetcher _fetcher;
    private readonly FetchEngine _engine;
    private readonly Replay? _replay;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _noMoreAhead = new();
    private readonly TaskCompletionSource _opensDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Starts at one: the pump, which may still bring more.
    private int _opens = 1;

    internal ServeSink(Session session, IRangeFetcher fetcher)
    {
        _session = session;
        _fetcher = fetcher;
        _replay = session.Options.Replay is { } trace ? new Replay(trace) : null;
        _engine = new FetchEngine(session, fetcher);
        Telemetry.Watch(session, _engine);
    }

    /// <summary>Hears of each object that was opened.</summary>
    internal Action<ObjectKey>? Opened { get; init; }

    public void OnOpen(uint messageId, uint objectId, ObjectKey key, IKernelObject file)
    {
        Telemetry.Request("open");
        Interlocked.Increment(ref _opens);
        _ = OpenAsync(messageId, objectId, key, file);
    }

    public IThreadPoolWorkItem? OnRead(uint messageId, uint objectId, ByteRange range)
    {
        Telemetry.Request("read");
        if (_session.Find(objectId) is not { } target)
            _session.ReleaseUnknown(messageId, objectId);
        else if (target.IsLengthKnown)
            return _engine.Read(target, messageId, range);
        else
            _ = ReadLateAsync(target, messageId, range);
        return null;
    }

    public void OnBadRead(uint messageId, uint objectId)
    {
        if (_session.Find(objectId) is { } target)
            _session.CompleteRead(target, messageId);
        else
            _session.ReleaseUnknown(messageId, objectId);
    }

    public void OnClose(uint messageId, uint objectId)
    {
        Telemetry.Request("close");
        Close(objectId);
    }

    private void Close(uint objectId)
    {
        if (_session.Forget(objectId) is not { } target)
            return;
        _engine.Close(target);
        Log.Closed(_session.Logger, target.Key);
    }

    /// <summary>Fetches ranges of an open object before they are asked for.</summary>
    internal async Task<PrefetchProgress> PrefetchAsync(ObjectKey key, PrefetchOptions options, CancellationToken cancellationToken)
    {
        CacheObject target = _session.Objects.FirstOrDefault(o => o.Key.Equals(key) && o.IsLengthKnown)
            ?? throw new InvalidOperationException($"{key} is not open: an object can be prefetched once it is mounted.");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _noMoreAhead.Token);
        using var prefetch = new Prefetch(_engine.Ahead, target, options);
        return await prefetch.RunAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>Lets what is under way finish, within a time, then ends the rest: mounts are refused, READs give EIO; or, where a successor
    /// comes, nothing is said. Call it when the pump has ended.</summary>
    /// <returns>How many READs did not finish in time.</returns>
    internal async Task<int> DrainAsync(TimeSpan timeout)
    {
        CountOpen(-1);
        await _noMoreAhead.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_opensDone.Task, _engine.DrainAsync()).WaitAsync(timeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _opensDone.Task.ConfigureAwait(false);
        }
        var left = _engine.ActiveReads;
        foreach (CacheObject target in _session.Objects)
            Close(target.Id);
        return left;
    }

    public void Dispose()
    {
        Telemetry.Unwatch(_session);
        _engine.Dispose();
        _stopping.Dispose();
        _noMoreAhead.Dispose();
    }

    private async Task OpenAsync(uint messageId, uint objectId, ObjectKey key, IKernelObject file)
    {
        using Activity? activity = Telemetry.Activities.StartActivity("cachefiles.open");
        activity?.SetTag("cachefiles.key", key.ToString());
        try
        {
            if (new ObjectPath(key).FileName.Length > ObjectPath.MaxNameLength)
            {
                _session.Report(new OndemandFault(FaultSource.Open, "the key is too long: the kernel would cut its file's name off, and several objects would share one file", key));
                _session.RefuseOpen(messageId, file, Errno.ENAMETOOLONG);
                return;
            }
            var length = await AskLengthAsync(key).ConfigureAwait(false);
            if (length is null && file.FileSize >= 0)
                throw new FileNotFoundException("There is no such object any more.");
            if (length is null)
            {
                Log.Refused(_session.Logger, key);
                _session.RefuseOpen(messageId, file, Errno.ENOENT);
                return;
            }
            if (length < 0)
                throw new RangeFetchException($"the fetcher gave an object a length of {length}");
            // An object that the kernel sends once more (after restore) brings a new descriptor; the old one is dead.
            Accept(messageId, new CacheObject(objectId, key, length.Value, file) { OpenId = messageId });
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            if (_session.IsLeaving)
            {
                _session.RefuseOpen(messageId, file, Errno.EIO);
                return;
            }
            _session.Report(new OndemandFault(FaultSource.Open, "the length of an object is not to be had", key, Exception: e));
            // An object that was open before has readers. Refused, the kernel would ask again and again on their behalf; opened with the
            // size that it has, each READ gets its own chance to fail or to succeed.
            if (file.FileSize is >= 0 and var size)
                Accept(messageId, new CacheObject(objectId, key, size, file) { OpenId = messageId, IsLengthKnown = false });
            else
                _session.RefuseOpen(messageId, file, ErrorMap.ToErrno(e));
        }
        finally
        {
            CountOpen(-1);
        }
    }

    /// <summary>Serves a READ of an object whose length was not to be had when it was opened again.</summary>
    private async Task ReadLateAsync(CacheObject target, uint messageId, ByteRange range)
    {
        Interlocked.Increment(ref _opens);
        try
        {
            target.Learn(await AskLengthAsync(target.Key).ConfigureAwait(false) is >= 0 and var length
                ? length
                : throw new FileNotFoundException("There is no such object any more."));
            ThreadPool.UnsafeQueueUserWorkItem(_engine.Read(target, messageId, range), preferLocal: false);
        }
        catch (Exception e)
        {
            if (_session.IsLeaving)
                return;
            _session.CompleteRead(target, messageId);
            _session.Report(new OndemandFault(FaultSource.Fetch, "the length of the object is still not to be had", target.Key, range, e));
        }
        finally
        {
            CountOpen(-1);
        }
    }

    /// <summary>The fetcher may block: it gets a thread of its own, and is left behind when it takes too long.</summary>
    private async Task<long?> AskLengthAsync(ObjectKey key)
    {
        var cancellation = new CancellationTokenSource();
        Task<long?> asking = Task.Run(() => _fetcher.GetLengthAsync(key, cancellation.Token).AsTask(), CancellationToken.None);
        try
        {
            return await asking.WaitAsync(_session.Options.RequestDeadline, _stopping.Token).ConfigureAwait(false);
        }
        catch
        {
            Background.Forget(asking);
            Background.Cancel(cancellation);
            throw;
        }
    }

    private void Accept(uint messageId, CacheObject opened)
    {
        // An object that the kernel sends once more (after restore) brings a new descriptor; the old one is dead.
        if (_session.Register(opened) is { } former)
            _engine.Close(former);
        Log.Opened(_session.Logger, opened.Key, opened.Length, opened.Id);
        if (!_session.AcceptOpen(messageId, opened.Id, opened.Length))
            Close(opened.Id);
        else
            Begin(opened);
    }

    /// <summary>Fetches what is known to be wanted of an object.</summary>
    private void Begin(CacheObject opened)
    {
        if (_replay is not null && opened.IsLengthKnown)
            _ = _replay.RunAsync(_engine.Ahead, opened, _noMoreAhead.Token);
        Opened?.Invoke(opened.Key);
    }

    private void CountOpen(int change)
    {
        if (Interlocked.Add(ref _opens, change) == 0)
            _opensDone.TrySetResult();
    }
}
