using System;
using System.Runtime.InteropServices;
using CacheFiles.Interop;

public static class Refusal
{
    /// <summary>Refuses an OPEN: struct, span, handle and error number in one.</summary>
    public static Errno Refuse(DeviceHandle device, ReadOnlySpan<byte> message)
        => device.TryCompleteOpen(MemoryMarshal.Read<CacheFilesMsg>(message).MsgId, -(long)Errno.ENOENT);
}
