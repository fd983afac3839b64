namespace CacheFiles.Contract.Kernel;

/// <summary>Here the kernel is the guest's own.</summary>
internal static class Host
{
    internal static string[] Kernels { get; } = [$"Linux {Environment.GetEnvironmentVariable("CACHEFILES_KERNEL")}"];

    /// <summary>What keeps the tests from running here, or null.</summary>
    internal static string? Missing { get; } = Environment.GetEnvironmentVariable("CACHEFILES_GUEST") is null
        ? "needs the kernel of the guest (CACHEFILES_GUEST is not set): eng/guest-tests runs this there"
        : null;

    /// <summary>Whether this is Linux 6.1; else it is 6.12.</summary>
    internal static bool IsLinux61 { get; } = Environment.GetEnvironmentVariable("CACHEFILES_KERNEL") == "6.1";

#pragma warning disable IDE0060 // There is only one.
    internal static ContractKernel Boot(string kernel) => new RealKernel();
#pragma warning restore IDE0060
}
