using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Bench.Simulated;

/// <summary>The library's pump, with nothing behind it: a READ is answered as the <see cref="BareLoop"/> does.</summary>
internal sealed class PumpAlone : IAsyncDisposable, IRequestSink
{
    private readonly SimulatedDevice _device;
    private readonly RequestPump _pump;
    private readonly PageBuffer _page = new PageBufferPool().Rent(Load.PageSize);
    private readonly Stack<Answer> _free = new();
    private IKernelObject? _object;

    private PumpAlone(SimulatedKernel kernel)
    {
        _device = kernel.OpenDevice();
        _pump = new RequestPump(BareLoop.Bind(_device), this, Serving.PumpThreads);
        _pump.Start();
    }

    internal static Task<Load> StartAsync()
    {
        var kernel = new SimulatedKernel();
        return Load.StartAsync(kernel, new PumpAlone(kernel));
    }

    public void OnOpen(uint messageId, uint objectId, ObjectKey key, IKernelObject file)
    {
        _object = file;
        _device.CompleteOpen(messageId, Load.ObjectSize);
    }

    public IThreadPoolWorkItem OnRead(uint messageId, uint objectId, ByteRange range)
    {
        Answer? answer;
        lock (_free)
        {
            if (!_free.TryPop(out answer))
                answer = new Answer(this);
        }
        (answer.MessageId, answer.Offset) = (messageId, range.Offset);
        return answer;
    }

    public void OnBadRead(uint messageId, uint objectId) => throw new InvalidOperationException("The kernel sends no bad READ.");

    public void OnClose(uint messageId, uint objectId)
    {
    }

    public async ValueTask DisposeAsync()
    {
        _pump.Stop();
        await _pump.Ended;
        _pump.Dispose();
        _object?.Dispose();
        _device.Dispose();
    }

    private sealed class Answer(PumpAlone owner) : IThreadPoolWorkItem
    {
        internal uint MessageId { get; set; }

        internal long Offset { get; set; }

        public void Execute()
        {
            owner._object!.WriteAt(owner._page.Memory.Span, Offset);
            owner._object.CompleteRead(MessageId);
            lock (owner._free)
                owner._free.Push(this);
        }
    }
}
