using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

// Descriptors belong to the whole process: tests that count them cannot run beside others.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
