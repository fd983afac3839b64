using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Streaming;

/// <summary>A request is answered exactly once, whoever else tries, and whatever ends meanwhile.</summary>
public sealed class StreamRaceTests
{
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task Of_three_that_answer_a_READ_at_once_one_does()
    {
        var faults = 0;
        await using OndemandCache cache = _kernel.Bind(Daemon.Options with { OnFault = _ => Interlocked.Increment(ref faults) });
        Task loop = StreamTests.Loop(cache, request =>
        {
            if (request is not ReadRequest read)
            {
                StreamTests.Answer(request);
                return;
            }
            read.Write(Content.Of("image", read.Range.Offset, 4096), read.Range.Offset);
            var answered = 0;
            Action complete = () => Interlocked.Add(ref answered, Record.Exception(read.Complete) is null ? 1 : 0);
            Parallel.Invoke(complete, complete, read.Dispose);
            Assert.InRange(answered, 0, 1);
        });
        SimulatedMount mount = await _kernel.Mount();
        for (var i = 1; i < 70; i++)
            await mount.Verify(i * 4096, 4096);
        await cache.DisposeAsync();
        await loop;
        Assert.Equal(0, faults);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_cache_that_is_disposed_with_no_time_to_drain_ends_its_stream_without_an_exception()
    {
        for (var i = 0; i < 50; i++)
        {
            OndemandCache cache = _kernel.Bind(Daemon.Options with { DrainTimeout = TimeSpan.Zero });
            Task loop = StreamTests.Loop(cache, StreamTests.Answer);
            SimulatedMount mount = await _kernel.Mount($"image{i}");
            await Bounded.Of(cache.DisposeAsync().AsTask());
            await Bounded.Of(loop);
            await mount.UnmountAsync(Bounded.Token);
        }
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Answers_that_come_while_the_stream_ends_are_taken_or_refused_and_leave_nothing_open()
    {
        for (var i = 0; i < 50; i++)
        {
            await using OndemandCache cache = _kernel.Bind(Daemon.Options with { DrainTimeout = TimeSpan.Zero });
            Task<SimulatedMount> mounting = _kernel.Mount();
            IAsyncEnumerator<OndemandRequest> requests = cache.ReadRequestsAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
            Assert.True(await requests.MoveNextAsync());
            var open = (OpenRequest)requests.Current;
            Task answering = Task.Run(() => Record.Exception(() => open.Complete(0)), CancellationToken.None);
            Task ending = i % 2 == 0 ? cache.DisposeAsync().AsTask() : requests.DisposeAsync().AsTask();
            await Bounded.Of(Task.WhenAll(answering, ending));
            await requests.DisposeAsync();
            Assert.Equal(0, _kernel.OpenDescriptors);
            await Task.WhenAny(mounting);
            if (mounting.IsCompletedSuccessfully)
                await (await mounting).UnmountAsync(Bounded.Token);
            else
                await Kernels.Fails(Errno.ENOBUFS, () => mounting);
        }
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_READ_that_is_answered_after_its_CLOSE_harms_nobody()
    {
        var faults = 0;
        await using OndemandCache cache = _kernel.Bind(Daemon.Options with { OnFault = _ => Interlocked.Increment(ref faults) });
        ReadRequest? late = null;
        var closed = new TaskCompletionSource();
        Task loop = StreamTests.Loop(cache, request =>
        {
            if (request is ReadRequest { Range.Offset: > 0 } read)
                late = read;
            else
                StreamTests.Answer(request);
            if (request is CloseRequest)
                closed.SetResult();
        });
        SimulatedMount mount = await _kernel.Mount();
        using var kill = new CancellationTokenSource();
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 4096, kill.Token);
        await _kernel.HasTaken(reads: 2);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        await mount.UnmountAsync(Bounded.Token);
        await Bounded.Of(closed.Task);
        Assert.Equal(Errno.EBADF, Assert.Throws<ErrnoException>(() => late!.Write(new byte[4096], 65_536)).Errno);
        late!.Complete();
        Assert.Equal(0, faults);
        await cache.DisposeAsync();
        await loop;
    }
}
