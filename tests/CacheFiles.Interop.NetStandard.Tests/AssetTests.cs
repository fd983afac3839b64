using System.Reflection;
using System.Runtime.Versioning;

namespace CacheFiles.Interop.Tests;

public sealed class AssetTests
{
    [Fact]
    public void These_tests_run_against_the_netstandard_assembly()
        => Assert.Equal(
            ".NETStandard,Version=v2.0",
            typeof(DeviceHandle).Assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName);
}
