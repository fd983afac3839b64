using System.Globalization;
using System.Reflection;

namespace CacheFiles.Interop.Tests.Proof;

public sealed class ConstantProofTests
{
    [Theory]
    [InlineData("CacheFilesUapi")]
    [InlineData("Libc")]
    [InlineData("Errno")]
    public void Constants_have_their_C_values(string type)
    {
        Type mirror = Completeness.Mirrors(typeof(CacheFilesUapi).Assembly).Single(candidate => candidate.Name == type);
        CValues.Match([.. ProofTable.Constants[type].Select(name => (name, ValueOf(mirror, name)))]);
    }

    [Fact]
    public void Every_class_of_constants_in_the_table_is_proved()
        => Assert.Equal(
            ProofTable.Constants.Keys.Order(),
            typeof(ConstantProofTests).GetMethod(nameof(Constants_have_their_C_values))!
                .GetCustomAttributes<InlineDataAttribute>().Select(row => (string)row.Data[0]!).Order());

    [Fact]
    public void No_error_is_zero() => Assert.Equal(0, (int)Errno.None);

    private static long ValueOf(Type type, string name)
        => Convert.ToInt64(
            type.GetField(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.GetRawConstantValue(),
            CultureInfo.InvariantCulture);
}
