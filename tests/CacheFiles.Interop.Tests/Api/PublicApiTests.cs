using CacheFiles.Tests.Shared;

namespace CacheFiles.Interop.Tests.Api;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_recorded_one() => PublicApi.Verify(typeof(DeviceHandle).Assembly);

    [Fact]
    public void An_API_that_is_not_the_recorded_one_fails_and_tells_how_to_accept_it()
    {
        Exception failure = Assert.ThrowsAny<Exception>(() => PublicApi.Compare(typeof(PublicApiTests).Assembly));
        Assert.Contains("UPDATE_PUBLIC_API=1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("- CacheFiles.Interop.DeviceHandle", failure.Message, StringComparison.Ordinal);
    }
}
