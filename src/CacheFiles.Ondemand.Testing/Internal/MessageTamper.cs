namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>Changes a message on its way to the daemon.</summary>
/// <param name="buffer">The daemon's buffer; the message comes first.</param>
/// <param name="length">The message's length in bytes.</param>
internal delegate void MessageTamper(Span<byte> buffer, ref int length);
