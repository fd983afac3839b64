using System.Collections.Concurrent;
using System.Text;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The thread from which <c>cull</c> and <c>inuse</c> are written: it moves into the directory that they are about.</summary>
internal sealed class CullThread : IDisposable
{
    private readonly BlockingCollection<(string Verb, ReadOnlyMemory<byte> Directory, ReadOnlyMemory<byte> Name, TaskCompletionSource<Errno> Answer)> _work = [];
    private readonly Thread _thread;

    internal CullThread(DeviceHandle device)
    {
        _thread = new Thread(() => Work(device)) { IsBackground = true, Name = "cachefiles cull" };
        _thread.Start();
    }

    internal Errno Run(string verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name)
    {
        var answer = new TaskCompletionSource<Errno>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _work.Add((verb, directory, name, answer));
        }
        catch (InvalidOperationException)
        {
            // The device is being closed.
            return Errno.EBADF;
        }
        return answer.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Work(DeviceHandle device)
    {
        ErrnoException? failure = null;
        try
        {
            ThreadDirectory.Detach();
        }
        catch (ErrnoException e)
        {
            failure = e;
        }
        foreach ((var verb, ReadOnlyMemory<byte> directory, ReadOnlyMemory<byte> name, TaskCompletionSource<Errno> answer) in _work.GetConsumingEnumerable())
        {
            if (failure is not null)
            {
                answer.SetException(failure);
                continue;
            }
            Errno error = ThreadDirectory.TryChange(directory.Span);
            answer.SetResult(error != Errno.None ? error : device.TryCommand([.. Encoding.ASCII.GetBytes(verb), (byte)' ', .. name.Span]));
        }
        // A directory that a thread is in cannot be unmounted.
        if (failure is null)
            _ = ThreadDirectory.TryChange("/"u8);
    }
}
