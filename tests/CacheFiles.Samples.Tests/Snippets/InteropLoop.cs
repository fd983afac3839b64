using System.Runtime.InteropServices;
using CacheFiles.Interop;

namespace CacheFiles.Samples.Tests.Snippets;

internal static class InteropLoop
{
    internal static void Run()
    {
        using DeviceHandle device = DeviceHandle.Open();
        device.Command("dir /var/cache/fscache");
        device.Command("bind ondemand");
        using var wake = new WakeEvent();
        using var poller = new DevicePoller(device, wake);
        var buffer = new byte[CacheFilesUapi.CACHEFILES_MSG_MAX_SIZE];
        while (poller.Wait() != DevicePollResult.Woken)
        {
            while (device.TryRead(buffer, out var length, out ObjectHandle? opened) == Errno.None && length > 0)
            {
                CacheFilesMsg msg = MemoryMarshal.Read<CacheFilesMsg>(buffer);
                Console.WriteLine($"opcode {msg.Opcode}, object {msg.ObjectId}");
                if (opened is null)
                    continue;
                opened.Dispose();
                device.TryCompleteOpen(msg.MsgId, -(long)Errno.ENOENT);
            }
        }
    }
}
