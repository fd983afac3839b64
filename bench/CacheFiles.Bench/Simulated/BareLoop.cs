using System.Runtime.InteropServices;
using System.Text;
using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Internal;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Testing.Internal;

namespace CacheFiles.Bench.Simulated;

/// <summary>What answers the same messages with the least that is possible: one thread, one object, one page that is in memory.</summary>
internal sealed class BareLoop : IAsyncDisposable
{
    private readonly SimulatedDevice _device;
    private readonly PageBuffer _page = new PageBufferPool().Rent(Load.PageSize);
    private readonly Thread _thread;
    private IKernelObject? _object;

    private BareLoop(SimulatedKernel kernel)
    {
        _device = kernel.OpenDevice();
        Bind(_device);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    internal static Task<Load> StartAsync()
    {
        var kernel = new SimulatedKernel();
        return Load.StartAsync(kernel, new BareLoop(kernel));
    }

    /// <summary>Binds a cache.</summary>
    internal static Session Bind(SimulatedDevice device)
    {
        var options = new OndemandOptions { CacheDirectory = "/cache" };
        CacheBinder.Bind(command => device.Command(Encoding.UTF8.GetBytes(command)), options);
        return new Session(device, options);
    }

    public ValueTask DisposeAsync()
    {
        _device.Wake();
        _thread.Join();
        _object?.Dispose();
        _device.Dispose();
        return default;
    }

    private void Run()
    {
        var buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
        while ((_device.Wait() & DevicePollResult.Woken) == 0)
        {
            while (_device.TryRead(buffer, out var length, out IKernelObject? opened) == Errno.None && length > 0)
                Answer(buffer, opened);
        }
    }

    private void Answer(byte[] buffer, IKernelObject? opened)
    {
        CacheFilesMsg header = MemoryMarshal.Read<CacheFilesMsg>(buffer);
        if (opened is not null)
        {
            _object = opened;
            _device.CompleteOpen(header.MsgId, Load.ObjectSize);
            return;
        }
        CacheFilesRead read = MemoryMarshal.Read<CacheFilesRead>(buffer.AsSpan(16));
        _object!.WriteAt(_page.Memory.Span, (long)read.Off);
        _object.CompleteRead(header.MsgId);
    }
}
