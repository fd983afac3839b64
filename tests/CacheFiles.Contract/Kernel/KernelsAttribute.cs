using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace CacheFiles.Contract.Kernel;

/// <summary>Runs a test once for each kernel of this machine, with the kernel's name as the first argument.</summary>
/// <param name="arguments">The other arguments; one attribute for each row of a table.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class KernelsAttribute(params object?[] arguments) : DataAttribute
{
    public object?[] Arguments => arguments;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
        => new([.. Host.Kernels.Select(kernel => new TheoryDataRow([kernel, .. arguments]) { Skip = Host.Missing })]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
