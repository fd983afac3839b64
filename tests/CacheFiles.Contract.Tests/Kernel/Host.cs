using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Contract.Kernel;

/// <summary>Here the kernels are simulated.</summary>
internal static class Host
{
    internal static string[] Kernels { get; } = ["simulated 6.1", "simulated 6.12"];

    /// <summary>Nothing keeps the tests from running.</summary>
    internal static string? Missing => null;

    internal static ContractKernel Boot(string kernel)
        => new SimulatedContract(kernel == Kernels[0] ? SimulatedKernelVersion.Linux61 : SimulatedKernelVersion.Linux612);
}
