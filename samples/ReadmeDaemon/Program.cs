using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using CacheFiles.Ondemand;

[assembly: SupportedOSPlatform("linux")]

using var stop = new CancellationTokenSource();
Action<PosixSignalContext> end = signal => { signal.Cancel = true; stop.Cancel(); };
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, end);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, end);

using var images = new FileRangeFetcher(args[0]);
await using var cache = OndemandCache.Bind(new() { CacheDirectory = args[1], OnFault = Console.Error.WriteLine });
Console.WriteLine("ready");
await cache.ServeAsync(images, stop.Token);
