using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Objects;

/// <summary>Over a sparse file: a hole of 64 KiB, 64 KiB of data, a hole up to 256 KiB.</summary>
public sealed class ObjectSeekTests : IDisposable
{
    private const int Data = 64 * 1024;
    private const int Hole = 128 * 1024;
    private const int End = 256 * 1024;

    private readonly TempFile _file = new();
    private readonly ObjectHandle _object;

    public ObjectSeekTests()
    {
        _object = _file.AsObject();
        _file.Length = End;
        _object.WriteAt(new AlignedBuffer(Hole - Data).Slice(0, Hole - Data), Data);
    }

    public void Dispose()
    {
        _object.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void The_end_is_the_size_of_the_file() => Assert.Equal(End, _object.SeekEnd());

    [Theory]
    [InlineData(0, Data)]
    [InlineData(Data, Data)]
    [InlineData(Data + 5, Data + 5)]
    [InlineData(Hole - 1, Hole - 1)]
    [InlineData(Hole, -1)]
    [InlineData(End - 1, -1)]
    [InlineData(End, -1)]
    [InlineData(long.MaxValue, -1)]
    public void Data_is_found_from_an_offset_on_or_none(long from, long found) => Assert.Equal(found, _object.SeekData(from));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(Data - 1, Data - 1)]
    [InlineData(Data, Hole)]
    [InlineData(Hole, Hole)]
    [InlineData(End - 1, End - 1)]
    [InlineData(End, -1)]
    [InlineData(End + 1, -1)]
    public void A_hole_is_found_from_an_offset_on_or_none(long from, long found) => Assert.Equal(found, _object.SeekHole(from));

    [Fact]
    public void Behind_the_last_data_the_end_counts_as_a_hole()
    {
        _file.Length = Hole;
        Assert.Equal(Hole, _object.SeekHole(Data));
    }

    [Fact]
    public void An_object_that_cannot_seek_is_an_error_with_its_operation()
    {
        var (read, write) = Native.Pipe();
        using (read)
        using (write)
        {
            using ObjectHandle pipe = write.AsObject();
            AssertError("lseek(object, SEEK_END)", () => pipe.SeekEnd());
            AssertError("lseek(object, 4096, SEEK_DATA)", () => pipe.SeekData(4096));
            AssertError("lseek(object, 4096, SEEK_HOLE)", () => pipe.SeekHole(4096));
        }

        static void AssertError(string operation, Action call)
        {
            ErrnoException failure = Assert.Throws<ErrnoException>(call);
            Assert.Equal((Errno.ESPIPE, operation), (failure.Errno, failure.Operation));
        }
    }
}
