using CacheFiles.Interop;
using CacheFiles.Ondemand;

var sample = new Sample("RequestTrace", "Prints each request of the kernel and refuses it: mounts fail.");
return await sample.RunAsync(args, static _ => new Service(static async (cache, stop) =>
{
    await foreach (OndemandRequest request in cache.ReadRequestsAsync(stop))
    {
        // A request that was not answered is refused when it is disposed.
        using (request)
        {
            Console.WriteLine(request switch
            {
                OpenRequest open => $"OPEN {open.Key}, object {open.ObjectId}",
                ReadRequest read => $"READ {read.Key} {read.Range}, object {read.ObjectId}",
                _ => $"CLOSE object {request.ObjectId}",
            });
            (request as OpenRequest)?.Fail(Errno.ENOENT);
        }
    }
}));
