using CacheFiles.Interop.Tests.Polling;
using CacheFiles.Interop.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests;

/// <summary>The way of a READ through this library makes no garbage.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Rounds = 1000;

    private readonly DeviceHandle _device;
    private readonly SafeFileHandle _kernel;
    private readonly TempFile _file = new();
    private readonly ObjectHandle _object;
    private readonly WakeEvent _wake = new();
    private readonly byte[] _buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];

    public AllocationTests()
    {
        (_device, _kernel) = StandIn.Device();
        _object = _file.AsObject();
    }

    public void Dispose()
    {
        _wake.Dispose();
        _object.Dispose();
        _file.Dispose();
        _device.Dispose();
        _kernel.Dispose();
    }

    [Fact]
    public void Taking_a_READ_allocates_nothing()
    {
        var message = Messages.Read();
        AssertAllocatesNothing(
            () => Native.Send(_kernel, message),
            () => _device.TryRead(_buffer, out var length, out _) == Errno.None && length == message.Length);
    }

    [Fact]
    public void Finding_nothing_pending_allocates_nothing()
    {
        using DeviceHandle device = _file.Handle.AsDevice();
        AssertAllocatesNothing(() => device.TryRead(_buffer, out var length, out _) == Errno.None && length == 0);
    }

    [Fact]
    public void Threads_that_read_at_once_allocate_nothing_either()
    {
        using var start = new Barrier(4);
        Worker<long>[] readers = [.. Enumerable.Range(0, start.ParticipantCount).Select(_ => new Worker<long>(Read))];
        Assert.All(readers, reader => Assert.Equal(0, reader.Result));

        long Read()
        {
            var buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
            _device.TryRead(buffer, out _, out _);
            start.SignalAndWait(Worker<long>.Patience);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 20 * Rounds; i++)
                _device.TryRead(buffer, out _, out _);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        var block = new AlignedBuffer(4096);
        AssertAllocatesNothing(() => _object.TryWriteAt(block.Slice(0, 4096), 0) == Errno.None);
    }

    [Fact]
    public void Completing_a_READ_allocates_nothing() => AssertAllocatesNothing(() => _object.TryCompleteRead(1) == Errno.ENOTTY);

    [Fact]
    public void Answering_an_OPEN_allocates_nothing()
        => AssertAllocatesNothing(() => Native.TakePacket(_kernel), () => _device.TryCompleteOpen(uint.MaxValue, long.MinValue) == Errno.None);

    [Fact]
    public void Looking_at_the_map_allocates_nothing()
    {
        _file.Length = 1;
        AssertAllocatesNothing(() => _object.SeekData(1) == -1 && _object.SeekHole(1) == -1 && _object.SeekEnd() == 1);
    }

    [Fact]
    public void Being_told_of_a_request_allocates_nothing()
    {
        using var poller = new DevicePoller(_device, _wake);
        var message = Messages.Read();
        AssertAllocatesNothing(
            () =>
            {
                _device.TryRead(_buffer, out _, out _);
                Native.Send(_kernel, message);
            },
            () => (poller.Wait(PolledPipe.Long) & DevicePollResult.Request) != 0);
    }

    [Fact]
    public void Waiting_in_vain_allocates_nothing()
    {
        using var poller = new DevicePoller(_device, _wake);
        poller.Wait(0);
        AssertAllocatesNothing(() => poller.Wait(0) == DevicePollResult.None);
    }

    [Fact]
    public void Waking_and_being_woken_allocate_nothing()
    {
        using var poller = new DevicePoller(_device, _wake);
        poller.Wait(0);
        AssertAllocatesNothing(() =>
        {
            _wake.Set();
            return poller.Wait(PolledPipe.Long) == DevicePollResult.Woken;
        });
    }

    [Fact]
    public void What_allocates_is_noticed()
        => Assert.ThrowsAny<Exception>(() => AssertAllocatesNothing(() => new ObjectHandle().IsInvalid));

    private static void AssertAllocatesNothing(Func<bool> call) => AssertAllocatesNothing(() => { }, call);

    /// <summary>Counts what this thread allocates in the call, after one call to warm up. The call tells whether it did what it should.</summary>
    private static void AssertAllocatesNothing(Action prepare, Func<bool> call)
    {
        long allocated = 0;
        for (var i = 0; i <= Rounds; i++)
        {
            prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var right = call();
            allocated += i == 0 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(right);
        }
        Assert.Equal(0, allocated);
    }
}
