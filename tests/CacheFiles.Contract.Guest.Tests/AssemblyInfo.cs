using System.Runtime.Versioning;

// There is one device, and one process may hold it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
