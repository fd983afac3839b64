using System.Reflection;
using CacheFiles.Ondemand;

namespace CacheFiles.Samples.Tests.Documents;

public class MetricsTests
{
    public static TheoryData<string> Names
        => [.. typeof(OndemandTelemetry).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_name_that_can_be_watched_is_listed(string name)
        => Assert.Contains($"`{name}`", Text.Document("docs/metrics.md"), StringComparison.Ordinal);
}
