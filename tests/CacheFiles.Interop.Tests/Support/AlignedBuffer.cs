using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Tests.Support;

/// <summary>Memory that starts at a multiple of 4096 and stays where it is. Every byte depends on its position.</summary>
internal sealed class AlignedBuffer
{
    private const int Alignment = 4096;

    private readonly byte[] _memory;
    private readonly int _start;

    public AlignedBuffer(int length)
    {
        _memory = GC.AllocateArray<byte>(length + Alignment, pinned: true);
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) & (Alignment - 1));
        // 251 is prime: blocks that change places are noticed.
        for (var i = 0; i < _memory.Length; i++)
            _memory[i] = (byte)(1 + (i % 251));
    }

    public Span<byte> Slice(int start, int length) => _memory.AsSpan(_start + start, length);
}
