using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Interop.Tests.Support;

/// <summary>Lets an ordinary descriptor stand in for the device or an object: a copy of it is handed over.</summary>
internal static class StandIn
{
    public static ObjectHandle AsObject(this SafeHandle file)
    {
        var handle = new ObjectHandle();
        handle.Adopt(Native.Duplicate(file));
        return handle;
    }

    public static DeviceHandle AsDevice(this SafeHandle file) => DeviceHandle.FromDescriptor(Native.Duplicate(file));

    /// <summary>The number of the descriptor.</summary>
    public static int Number(this SafeHandle handle) => (int)handle.DangerousGetHandle();

    /// <summary>What the descriptor refers to.</summary>
    public static string Target(this SafeHandle handle) => Descriptors.Target(handle.Number())!;

    /// <summary>A device that takes every command and message as one packet, and the far end of it.</summary>
    public static (DeviceHandle Device, SafeFileHandle Kernel) Device()
    {
        var (near, kernel) = Native.PacketPair();
        using (near)
            return (near.AsDevice(), kernel);
    }
}
