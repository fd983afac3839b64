using CacheFiles.Interop.Tests.Support;

namespace CacheFiles.Interop.Tests.Objects;

public sealed class ObjectCompleteTests
{
    [Fact]
    public void Completing_a_READ_on_a_descriptor_that_is_no_object_is_ENOTTY()
    {
        using var file = new TempFile();
        using ObjectHandle handle = file.AsObject();
        Assert.Equal(Errno.ENOTTY, handle.TryCompleteRead(0));
        Assert.Equal(Errno.ENOTTY, handle.TryCompleteRead(uint.MaxValue));
    }
}
