namespace CacheFiles.Contract.Kernel;

/// <summary>Names the tests of existing daemons whose behaviour a test checks in its own way: docs/contract.md lists them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MirrorsAttribute(params string[] tests) : Attribute
{
    public IReadOnlyList<string> Tests => tests;
}
