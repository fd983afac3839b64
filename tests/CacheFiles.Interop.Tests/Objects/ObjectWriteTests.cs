using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Objects;

public sealed class ObjectWriteTests : IDisposable
{
    private const int Page = 4096;

    private readonly TempFile _file = new();
    private readonly ObjectHandle _object;
    private readonly AlignedBuffer _buffer = new(64 * Page);

    public ObjectWriteTests() => _object = _file.AsObject();

    private static int OffsetPage => ObjectHandle.OffsetAlignment;

    public void Dispose()
    {
        _object.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void Offsets_are_aligned_to_the_page_and_lengths_and_memory_to_the_block()
    {
        Assert.Equal(Environment.SystemPageSize, ObjectHandle.OffsetAlignment);
        Assert.Equal(512, ObjectHandle.WriteAlignment);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(Page - 1)]
    [InlineData(Page + 512)]
    [InlineData(-1)]
    [InlineData(-Page)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_write_at_an_unaligned_or_negative_offset_is_refused(long offset)
        => AssertRefused("offset", () => _object.TryWriteAt(_buffer.Slice(0, Page), offset), () => _object.WriteAt(_buffer.Slice(0, Page), offset));

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(513)]
    [InlineData(Page - 1)]
    [InlineData(Page + 256)]
    public void A_write_of_an_unaligned_length_is_refused(int length)
        => AssertRefused("data", () => _object.TryWriteAt(_buffer.Slice(0, length), 0), () => _object.WriteAt(_buffer.Slice(0, length), 0));

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(256)]
    [InlineData(511)]
    public void A_write_from_unaligned_memory_is_refused(int start)
        => AssertRefused("data", () => _object.TryWriteAt(_buffer.Slice(start, Page), 0), () => _object.WriteAt(_buffer.Slice(start, Page), 0));

    [Theory]
    [InlineData(0, 512, 0)]
    [InlineData(0, Page, 0)]
    [InlineData(3, Page, 0)]
    [InlineData(7, 3 * Page, Page)]
    [InlineData(1, 512, 512)]
    [InlineData(2, Page + 512, 1536)]
    [InlineData(0, 60 * Page, 0)]
    public void An_aligned_write_puts_its_bytes_at_its_offset_and_nothing_elsewhere(int page, int length, int start)
    {
        long offset = (long)page * OffsetPage;
        Assert.Equal(Errno.None, _object.TryWriteAt(_buffer.Slice(start, length), offset));
        Assert.Equal(offset + length, _file.Length);
        Assert.Equal(_buffer.Slice(start, length).ToArray(), _file.Read(offset, length));
        Assert.All(_file.Read(0, (int)offset), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_write_beyond_four_GiB_keeps_its_offset()
    {
        long offset = (5L << 30) + OffsetPage;
        _object.WriteAt(_buffer.Slice(0, Page), offset);
        Assert.Equal(_buffer.Slice(0, Page).ToArray(), _file.Read(offset, Page));
        Assert.Equal(offset + Page, _file.Length);
    }

    [Fact]
    public void Writing_nothing_succeeds()
    {
        Assert.Equal(Errno.None, _object.TryWriteAt([], 0));
        Assert.Equal(0, _file.Length);
    }

    [Fact]
    public void A_write_does_not_move_the_position_of_the_descriptor()
    {
        _object.WriteAt(_buffer.Slice(0, Page), 0);
        Assert.Equal("0", File.ReadLines($"/proc/self/fdinfo/{_object.Number()}").First()["pos:".Length..].Trim());
    }

    private void AssertRefused(string parameter, params Action[] writes)
    {
        Assert.All(writes, write => Assert.Throws<ArgumentException>(parameter, write));
        Assert.Equal(0, _file.Length);
    }
}
