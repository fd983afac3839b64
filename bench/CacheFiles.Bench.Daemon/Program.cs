// The daemon that is measured: nothing but the library's public API. Takes the same arguments as the reference daemons in C, and answers
// each line of its standard input with what it holds and has allocated.
using System.Runtime.InteropServices;
using CacheFiles.Ondemand;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: bench-daemon CACHE SOURCE");
    return 2;
}
using var stopping = new CancellationTokenSource();
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stopping.Cancel();
});
using var fetcher = new FileRangeFetcher(args[1]);
await using var cache = OndemandCache.Bind(new()
{
    CacheDirectory = args[0],
    OnFault = fault => Console.Error.WriteLine(fault),
});
Task serving = cache.ServeAsync(fetcher, stopping.Token);
Console.Out.WriteLine("ready");
new Thread(Answer) { IsBackground = true }.Start();
await serving;
return 0;

static void Answer()
{
    while (Console.In.ReadLine() is not null)
        Console.Out.WriteLine($"allocated={GC.GetTotalAllocatedBytes()} live={GC.GetTotalMemory(forceFullCollection: true)}");
}
