namespace CacheFiles.Interop.Tests;

public sealed class ErrnoExceptionTests
{
    [Fact]
    public void It_carries_everything_and_its_message_tells_everything()
    {
        var failure = new ErrnoException(Errno.EBUSY, "open(/dev/cachefiles)", "Stop the other daemon");
        Assert.Equal(Errno.EBUSY, failure.Errno);
        Assert.Equal("open(/dev/cachefiles)", failure.Operation);
        Assert.Equal("Stop the other daemon", failure.Remedy);
        Assert.Equal((int)Errno.EBUSY, failure.HResult);
        Assert.Equal("open(/dev/cachefiles): Device or resource busy (EBUSY). Stop the other daemon", failure.Message);
    }

    [Fact]
    public void Without_a_remedy_the_message_ends_with_the_error()
    {
        var failure = new ErrnoException(Errno.EIO, "read()");
        Assert.Null(failure.Remedy);
        Assert.Equal("read(): Input/output error (EIO)", failure.Message);
    }

    [Fact]
    public void An_error_without_a_name_is_told_by_its_number()
    {
        var failure = new ErrnoException((Errno)71, "read()");
        Assert.Equal(71, failure.HResult);
        Assert.Equal("read(): Protocol error (71)", failure.Message);
    }

    [Fact]
    public void It_is_an_IOException() => Assert.IsAssignableFrom<IOException>(new ErrnoException(Errno.EIO, "read()"));
}
