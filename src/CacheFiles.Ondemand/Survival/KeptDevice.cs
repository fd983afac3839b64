using CacheFiles.Interop;

namespace CacheFiles.Ondemand;

/// <summary>What a keeper has kept.</summary>
/// <param name="Device">The open device, owned by whoever got it.</param>
/// <param name="State">What the predecessor left; null where the keeper keeps no state, and answers itself for the device being of this cache.</param>
public sealed record KeptDevice(DeviceHandle Device, OndemandState? State);
