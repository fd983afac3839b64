using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Streaming;

/// <summary>What a <see cref="ReadRequest"/> takes.</summary>
public sealed class WriteTests
{
    private const int Length = 5_000_000;
    private readonly SimulatedKernel _kernel = new();

    [Theory(Timeout = Bounded.Test)]
    [InlineData(0, 0)]
    [InlineData(4096, 4096)]
    [InlineData(0, 3 << 20)]
    [InlineData(4_997_120, 2880)]
    public Task Whole_pages_and_the_rest_at_the_end_are_written(long offset, int length) => WithFirstRead(async read =>
    {
        read.Write(Content.Of("image", offset, length), offset);
        read.Write(Content.Of("image", 0, 4096), 0);
        read.Complete();
        await Task.CompletedTask;
    }, mount => mount.Verify(offset, length));

    [Theory(Timeout = Bounded.Test)]
    [InlineData(-4096, 4096)]
    [InlineData(1, 4096)]
    [InlineData(512, 4096)]
    [InlineData(0, 4095)]
    [InlineData(0, 512)]
    [InlineData(4_997_120, 4096)]
    [InlineData(long.MaxValue - 4095, 4096)]
    public Task Anything_else_is_refused_and_nothing_written(long offset, int length) => WithFirstRead(async read =>
    {
        Assert.Throws<ArgumentException>(() => read.Write(new byte[length], offset));
        read.Write(Content.Of("image", 0, 4096), 0);
        read.Complete();
        await Task.CompletedTask;
    }, mount =>
    {
        Assert.Equal([new ByteRange(0, 4096)], mount.GetCachedRanges("image"));
        return Task.CompletedTask;
    });

    [Theory(Timeout = Bounded.Test)]
    [InlineData(Errno.ENOSPC)]
    [InlineData(Errno.ENOBUFS)]
    public Task A_write_that_the_kernel_refuses_throws_its_errno(Errno errno) => WithFirstRead(async read =>
    {
        _kernel.Faults.Fail(KernelVerb.Write, errno);
        Assert.Equal(errno, Assert.Throws<ErrnoException>(() => read.Write(new byte[4096], 0)).Errno);
        StreamTests.Answer(read);
        await Task.CompletedTask;
    }, mount => mount.Verify(0, 4096));

    private async Task WithFirstRead(Func<ReadRequest, Task> answer, Func<SimulatedMount, Task> check)
    {
        await using OndemandCache cache = _kernel.Bind(Daemon.Options);
        Task<SimulatedMount> mounting = _kernel.Mount();
        Task loop = Task.Run(
            async () =>
            {
                await foreach (OndemandRequest request in cache.ReadRequestsAsync(CancellationToken.None))
                {
                    if (request is OpenRequest open)
                        open.Complete(Length);
                    if (request is ReadRequest read)
                        await answer(read);
                }
            },
            CancellationToken.None);
        await Task.WhenAny(mounting, loop);
        if (loop.IsCompleted)
            await loop;
        await check(await mounting);
        await cache.DisposeAsync();
        await loop;
    }
}
