using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Streaming;

/// <summary>The requests themselves, by <c>await foreach</c>.</summary>
public sealed class StreamTests
{
    private const int Length = 300_000;
    private readonly SimulatedKernel _kernel = new();

    [Fact(Timeout = Bounded.Test)]
    public async Task A_loop_that_answers_every_request_is_a_daemon()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        var seen = new List<string>();
        Task loop = Loop(cache, request =>
        {
            seen.Add($"{request.GetType().Name} {request.Key!.CookieText}");
            Answer(request);
        });
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(0, Length);
        await mount.UnmountAsync(Bounded.Token);
        await cache.DisposeAsync();
        await loop;
        Assert.Equal(["OpenRequest image", "ReadRequest image", "ReadRequest image", "ReadRequest image", "ReadRequest image", "CloseRequest image"], seen);
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Requests_say_what_the_kernel_said()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        var ids = new List<(uint Message, uint Object)>();
        Task loop = Loop(cache, request =>
        {
            ids.Add((request.MessageId, request.ObjectId));
            if (request is ReadRequest read)
                Assert.Equal((new ByteRange(0, 4096), Length), (read.Range, read.ObjectLength));
            Answer(request);
        });
        await (await _kernel.Mount()).UnmountAsync(Bounded.Token);
        await cache.DisposeAsync();
        await loop;
        Assert.Equal([(0u, 1u), (1u, 1u), (2u, 1u)], ids);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_request_is_answered_once()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        Task loop = Loop(cache, request =>
        {
            Answer(request);
            if (request is OpenRequest open)
            {
                Assert.Throws<InvalidOperationException>(() => open.Complete(1));
                open.Fail(Errno.EIO);
            }
            if (request is ReadRequest read)
                Assert.Throws<InvalidOperationException>(read.Complete);
            request.Dispose();
        });
        await (await _kernel.Mount()).Verify(0, Length);
        await cache.DisposeAsync();
        await loop;
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_is_disposed_unanswered_is_refused(bool alsoOpen)
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        Task loop = Loop(cache, request =>
        {
            using (request)
            {
                if (request is OpenRequest open && !alsoOpen)
                    open.Complete(Length);
            }
        });
        await Kernels.Fails(alsoOpen ? Errno.ENOBUFS : Errno.EIO, () => _kernel.Mount());
        await cache.DisposeAsync();
        await loop;
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Leaving_the_loop_refuses_what_was_not_answered_and_gives_the_device_up()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        Task mounting = Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
        OndemandRequest? left = null;
        await foreach (OndemandRequest request in cache.ReadRequestsAsync(Bounded.Token))
        {
            left = request;
            break;
        }
        await mounting;
        Assert.Equal(0, _kernel.OpenDescriptors);
        Assert.Throws<InvalidOperationException>(() => ((OpenRequest)left!).Complete(1));
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task An_exception_in_the_loop_refuses_and_goes_on_to_the_caller()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        Task loop = Loop(cache, _ => throw new IOException("mine"));
        await Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
        Assert.Equal("mine", (await Assert.ThrowsAsync<IOException>(() => loop)).Message);
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task Cancelling_ends_the_loop_without_an_exception()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        using var stop = new CancellationTokenSource();
        Task loop = LoopUntil(cache, Answer, stop.Token);
        SimulatedMount mount = await _kernel.Mount();
        await stop.CancelAsync();
        await Bounded.Of(loop);
        Assert.Equal(0, _kernel.OpenDescriptors);
        await mount.FailsToRead(65_536, 4096);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_killed_device_ends_the_loop_with_its_error()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        Task loop = Loop(cache, Answer);
        await _kernel.Mount();
        _kernel.KillDaemon();
        await Kernels.Fails(Errno.EIO, () => loop);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task The_requests_of_a_cache_are_enumerated_once()
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        IAsyncEnumerable<OndemandRequest> requests = cache.ReadRequestsAsync(Bounded.Token);
        await cache.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => requests.GetAsyncEnumerator(Bounded.Token).MoveNextAsync().AsTask());
        await using OndemandCache next = _kernel.Bind(Daemon.Options);
        requests = next.ReadRequestsAsync(Bounded.Token);
        await using IAsyncEnumerator<OndemandRequest> first = requests.GetAsyncEnumerator(Bounded.Token);
        ValueTask<bool> moving = first.MoveNextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => requests.GetAsyncEnumerator(Bounded.Token).MoveNextAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => next.ServeAsync(new MemorySource(), Bounded.Token));
        await next.DisposeAsync();
        Assert.False(await moving);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task A_cache_can_be_disposed_from_inside_the_loop()
    {
        OndemandCache cache = _kernel.Bind(Daemon.Options with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        Task mounting = Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
        await foreach (OndemandRequest request in cache.ReadRequestsAsync(Bounded.Token))
        {
            await cache.DisposeAsync();
            Assert.Throws<InvalidOperationException>(() => ((OpenRequest)request).Complete(1));
        }
        await mounting;
        Assert.Equal(0, _kernel.OpenDescriptors);
    }

    internal static void Answer(OndemandRequest request)
    {
        switch (request)
        {
            case OpenRequest open:
                open.Complete(Length);
                break;
            case ReadRequest read:
                var end = Math.Min(read.Range.End, read.ObjectLength);
                read.Write(Content.Of(read.Key.CookieText, read.Range.Offset, (int)(end - read.Range.Offset)), read.Range.Offset);
                read.Complete();
                break;
        }
    }

    internal static Task Loop(OndemandCache cache, Action<OndemandRequest> answer) => LoopUntil(cache, answer, CancellationToken.None);

    private static Task LoopUntil(OndemandCache cache, Action<OndemandRequest> answer, CancellationToken stop) => Task.Run(
        async () =>
        {
            await foreach (OndemandRequest request in cache.ReadRequestsAsync(stop))
                answer(request);
        },
        CancellationToken.None);
}
