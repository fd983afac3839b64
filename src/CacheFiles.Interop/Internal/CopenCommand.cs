using System.Buffers.Text;

namespace CacheFiles.Interop.Internal;

/// <summary>Formats <c>copen &lt;msg_id&gt;,&lt;size&gt;</c> without allocating.</summary>
internal static class CopenCommand
{
    private static ReadOnlySpan<byte> Verb => "copen "u8;

    internal static int Format(Span<byte> destination, uint msgId, long size)
    {
        Verb.CopyTo(destination);
        var length = Verb.Length;
        Utf8Formatter.TryFormat(msgId, destination.Slice(length), out var written);
        length += written;
        destination[length++] = (byte)',';
        Utf8Formatter.TryFormat(size, destination.Slice(length), out written);
        return length + written;
    }
}
